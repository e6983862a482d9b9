"""Rows of the outbox: decoded, and compared with the events that published them."""

from typing import Any, NamedTuple
from uuid import UUID

from shared import codec
from shared.domain import EventMetadata
from shared.message import Message
from shared.store import RecordedEvent
from shared.store.integrity import published_digest
from shared.store.sql import from_micros


class OutboxRow(NamedTuple):
    """A row of the outbox as the database has it, genuine or not."""

    position: int
    previous_position: int
    type: str
    aggregate_type: str
    aggregate: Any
    version: int
    recorded_at: int
    meta: bytes
    traceparent: str | None
    digest: str
    data: bytes

    def is_published_by(self, event: RecordedEvent, aggregate: UUID) -> bool:
        """Return whether this is what the event published, given the decoded id of the row's aggregate."""
        is_readable = type(self.data) is type(self.meta) is bytes and type(self.recorded_at) is int
        return (
            is_readable
            and self.previous_position < self.position
            and (self.version, aggregate) == (event.version, event.aggregate)
            and self.aggregate_type == event.type.rpartition(".")[0]
            and from_micros(self.recorded_at) == event.recorded_at
            and self.digest == codec.digest(self.data)
            and published_digest(self.type, self.traceparent, self.meta, self.data) == event.published_digest
        )

    def message(self, service: str, epoch: str, event: RecordedEvent) -> Message:
        """Return what the event published as a message of this service."""
        meta = codec.decode(self.meta, EventMetadata)
        return Message(
            service, epoch, self.position, self.previous_position, self.type, self.aggregate_type, event.aggregate,
            self.version, meta.actor, meta.correlation_id, meta.causation_id, event.recorded_at,
            meta.effective_on, self.data, self.digest, self.traceparent, meta.on_behalf_of,
        )  # fmt: skip
