"""How a policy reaches what its service keeps."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import UUID

from shared.domain.aggregate import Aggregate

if TYPE_CHECKING:
    from shared.settings import Settings

A = TypeVar("A", bound=Aggregate)
K = TypeVar("K", bound="Settings")


class Find(Protocol):
    """How a policy reaches its own service's aggregates inside the unit of work."""

    def __call__(self, kind: type[A], id: UUID | None = None, **born_with: Any) -> A:  # noqa: A002
        """The aggregate with this id; or, given creation arguments, the one derived from them, made on first news."""
        ...

    @property
    def today(self) -> date:
        """The business date of what is being done: the command's, or that of the event heard."""
        ...

    def maybe(self, kind: type[A], id: UUID) -> A | None:  # noqa: A002
        """The aggregate, or None where nobody knows the id."""
        ...

    def settings(self, kind: type[K]) -> K:
        """What the firm has decided, as it holds now."""
        ...

    def unchanged(self, aggregate: Aggregate) -> None:
        """The commit fails if someone changes what was only read here."""
        ...

    def number(self, series: str) -> int:
        """The next number of a gapless series: 1, 2, 3 … used only if the unit of work commits."""
        ...

    def claim(self, name: str, value: str, owner: UUID) -> None:
        """Hold a value that only one may have, from this commit on; refused with AlreadyTaken."""
        ...

    def owner(self, name: str, value: str) -> UUID | None:
        """Who holds the value."""
        ...

    def wake(self, at: datetime, kind: type[Aggregate], id: UUID, note: str) -> None:  # noqa: A002
        """Have `aggregate.wake(note)` called once, at or after this recorded time."""
        ...
