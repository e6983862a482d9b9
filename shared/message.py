"""The message that carries a published event from one service to another."""

from datetime import date, datetime
from uuid import UUID
from zlib import crc32

from msgspec import Struct

PARTITIONS = 64


def event_id(service: str, epoch: str, position: int) -> str:
    """Return the global id of a stored event, from its service and position: `crm:<epoch>-<position>`."""
    return f"{service}:{epoch}-{position}"


class Message(Struct, frozen=True, gc=False):
    """A published event as stored in the source's `outbox` table and sent on the bus.

    `sequence` is its position in the source's log, `previous` that of the preceding published event
    (0 for the first): sequences may skip numbers; a message is missing if `previous` is not the last one received.
    `digest` is the SHA-256 of `data`. `on_behalf_of` is the user whose command started the flow, if the actor is
    a service. Identifiers only, no personal data.
    """

    source: str
    epoch: str
    sequence: int
    previous: int
    type: str
    aggregate_type: str
    aggregate: UUID
    version: int
    actor: str
    correlation_id: UUID
    causation_id: str
    recorded_at: datetime
    effective_on: date
    data: bytes
    digest: str
    traceparent: str | None = None
    on_behalf_of: str | None = None

    @property
    def id(self) -> str:
        """The id of the stored event: `<source>:<epoch>-<sequence>`."""
        return event_id(self.source, self.epoch, self.sequence)

    @property
    def subject(self) -> str:
        """The NATS subject: `evt.<service>.<noun>.<event>.<pp>`; pp = crc32(aggregate id) mod 64, never changed."""
        service, noun, event, _version = self.type.split(".")
        return f"evt.{service}.{noun}.{event}.{crc32(str(self.aggregate).encode()) % PARTITIONS:02d}"
