"""The unit of work as policies use it."""

from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from shared.domain.aggregate import Aggregate
from shared.domain.firm import Firm
from shared.domain.values import ServiceSettings, UniqueValue

A = TypeVar("A", bound=Aggregate)
K = TypeVar("K", bound=ServiceSettings)


class UnitOfWork(Protocol):
    """Unit of work, as policies use it: access to aggregates, whose changes are stored together or not at all."""

    def get(self, aggregate_class: type[A], id: UUID) -> A:
        """Return the aggregate. Raises NotFound for an unknown id."""

    def get_or_create(self, aggregate_class: type[A], **creation_arguments: Any) -> A:
        """Return the aggregate with the id that follows from the creation arguments; create it at the first event."""

    @property
    def effective_on(self) -> date:
        """The business date of the command, or of the event that is consumed."""

    def get_or_none(self, aggregate_class: type[A], id: UUID) -> A | None:
        """Return the aggregate, or None for an unknown id."""

    def load(self, aggregate_class: type[A], id: UUID) -> A | None:
        """Return the aggregate of any owner, or None for an unknown id."""

    def save(self, first: A, *others: Aggregate) -> A:
        """Add changed aggregates to the commit and return the first; those that a policy returns are added anyway."""

    def get_settings(self, settings_class: type[K]) -> K:
        """Return the current settings of the firm for this service."""

    @property
    def firm(self) -> Firm:
        """The main legal entity of the firm. Raises FirmUnknown before the service has received it."""

    def require_unchanged(self, aggregate: Aggregate) -> None:
        """Make the commit fail if the aggregate, only read here, is changed concurrently."""

    def next_number(self, series: str) -> int:
        """Return the next number of a gapless series: 1, 2, 3 …; it is used up only if the unit of work commits."""

    def reserve_unique(self, name: str, value: str, owner: UUID) -> None:
        """Reserve a unique value for an owner from this commit on; another spelling of its own replaces the first.

        Raises AlreadyTaken if another owner has a value that differs in case, accents, width or Unicode form only.
        """

    def release_unique(self, name: str, value: str) -> None:
        """Release a reserved value: another owner may have it from this commit on."""

    def get_unique_owner(self, name: str, value: str) -> UUID | None:
        """Return the owner of the value, spelled exactly like this, or None."""

    def get_unique_value(self, name: str, value: str) -> UniqueValue | None:
        """Return the value that keeps this one from being reserved, in its own spelling, or None if it is free."""

    def schedule(self, at: datetime, aggregate_class: type[Aggregate], id: UUID, note: str) -> None:
        """Schedule one call of `aggregate.on_timer(note)` at or after this time."""
