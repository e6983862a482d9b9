"""The context in which aggregates change: the metadata of new events, and where they are recorded."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from msgspec import Struct


class EventMetadata(Struct, frozen=True, omit_defaults=True):
    """Metadata of a stored event: actor, cause and business date.

    `causation_id` and `preceding_event_id` name the cause and the aggregate's previous event, as an event id
    (`crm:<epoch>-<position>`) or a command (`command:<id>`); `correlation_id` groups all events of one business flow.
    `request` is the route of the request that was the command: `POST /sales-orders/{order_id}/place`.
    """

    actor: str
    correlation_id: UUID
    causation_id: str
    effective_on: date
    preceding_event_id: str | None = None
    on_behalf_of: str | None = None
    request: str | None = None


class RecordingContext:
    """Context in which events of aggregates are recorded: provides the metadata of a new event, and records the event.

    This one applies outside any unit of work, as in a unit test of an aggregate.
    """

    def metadata(self, aggregate: Any) -> EventMetadata:
        del aggregate
        return EventMetadata("unknown", uuid4(), "none", datetime.now(UTC).date())

    def record(self, aggregate: Any, event: Any) -> None:
        """Do nothing: events are not stored."""

    def check_date(self, aggregate: Any) -> None:
        """Do nothing: no person gave a business date."""

    def require_unchanged(self, aggregate: Any) -> None:
        """Do nothing: there are no concurrent changes."""


current_context: ContextVar[RecordingContext] = ContextVar("context", default=RecordingContext())  # noqa: B039 (it has no state)


@contextmanager
def use_context(context: RecordingContext) -> Iterator[None]:
    """Context manager: changes to aggregates inside it happen in this context."""
    token = current_context.set(context)
    try:
        yield
    finally:
        current_context.reset(token)
