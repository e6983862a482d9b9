"""What surrounds a change: who makes it and why, and who hears of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID, uuid4

from msgspec import Struct

if TYPE_CHECKING:
    from shared.domain.aggregate import Aggregate


class Meta(Struct, frozen=True):
    """Who, why, and when in business time: part of every stored event.

    `causation_id` and `preceding_event_id` name what led here, as an event id (`crm:<epoch>-<position>`) or
    a command (`command:<id>`); `correlation_id` is the story both belong to.
    """

    actor: str
    correlation_id: UUID
    causation_id: str
    effective_on: date
    preceding_event_id: str | None = None
    on_behalf_of: str | None = None


class Context(Protocol):
    """What surrounds a change: gives an event its metadata, hears of it when it happened."""

    def meta(self, aggregate: "Aggregate | None") -> Meta: ...

    def happened(self, aggregate: "Aggregate", happening: Any) -> None: ...

    def unchanged(self, aggregate: "Aggregate") -> None: ...


class _Nobody:
    """Outside any unit of work, as in a unit test of an aggregate."""

    def meta(self, aggregate: "Aggregate | None") -> Meta:
        del aggregate
        return Meta("nobody", uuid4(), "nothing", datetime.now(UTC).date())

    def happened(self, aggregate: "Aggregate", happening: Any) -> None:
        """Nobody listens."""

    def unchanged(self, aggregate: "Aggregate") -> None:
        """Nobody else is there."""


surrounding: ContextVar[Context] = ContextVar("context", default=_Nobody())  # noqa: B039 (it has no state)


@contextmanager
def within(context: Context) -> Iterator[None]:
    """Changes made inside belong to this context."""
    token = surrounding.set(context)
    try:
        yield
    finally:
        surrounding.reset(token)
