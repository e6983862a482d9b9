"""Rows of the outbox: decoded, and compared with the events that published them."""

from typing import Any, NamedTuple
from uuid import UUID

from shared import codec
from shared.domain import EventMetadata
from shared.message import Message
from shared.store import RecordedEvent
from shared.store.integrity import published_digest
from shared.store.sql import from_micros, to_micros


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
        is_binary = type(self.data) is type(self.meta) is bytes
        if not is_binary or self.digest != codec.digest(self.data) or self.previous_position >= self.position:
            return False
        described = self.aggregate_type, aggregate, self.version, self.recorded_at
        expected = event.type.rpartition(".")[0], event.aggregate, event.version, to_micros(event.recorded_at)
        content = published_digest(self.type, self.traceparent, self.meta, self.data)
        return described == expected and content == event.published_digest

    def message(self, service: str, epoch: str, aggregate: UUID) -> Message:
        """Return the row as a message of this service."""
        meta = codec.decode(self.meta, EventMetadata)
        return Message(
            service, epoch, self.position, self.previous_position, self.type, self.aggregate_type, aggregate,
            self.version, meta.actor, meta.correlation_id, meta.causation_id, from_micros(self.recorded_at),
            meta.effective_on, self.data, self.digest, self.traceparent, meta.on_behalf_of,
        )  # fmt: skip
