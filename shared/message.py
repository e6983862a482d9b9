"""A published event on its way from one service to another."""

from datetime import date, datetime
from uuid import UUID
from zlib import crc32

from msgspec import Struct

PARTITIONS = 64


def event_id(service: str, epoch: str, position: int) -> str:
    """How any stored event is named everywhere: `crm:<epoch>-<position>`."""
    return f"{service}:{epoch}-{position}"


class Message(Struct, frozen=True):
    """A published event as it is stored in the source's `outbox` table and carried on the bus.

    `sequence` is its position in the source's log, `previous` that of the published event before
    it (0 for the first): ids may have gaps, a hole shows only as previous != what one has.
    `digest` is the SHA-256 of `data`. `on_behalf_of` is the person whose command began it, where a service
    acted. Identifiers only, no personal data.
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
        """`<source>:<epoch>-<sequence>`, the id of the stored event it tells of."""
        return event_id(self.source, self.epoch, self.sequence)

    @property
    def subject(self) -> str:
        """`evt.<service>.<noun>.<event>.<pp>`; pp = crc32(aggregate id) mod 64, fixed for ever."""
        service, noun, happening, _version = self.type.split(".")
        return f"evt.{service}.{noun}.{happening}.{crc32(str(self.aggregate).encode()) % PARTITIONS:02d}"
