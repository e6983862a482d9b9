"""The event store of a service: what it stores in one transaction, and the errors it raises."""

from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from msgspec import Struct

from shared.domain import UniqueValue
from shared.message import Message
from shared.texts import fold_text

GENERATION = 7
"""The generation of the schema and of all stored names that this version reads and writes."""


class StoreError(Exception):
    """Raised when a store is unavailable or not prepared; unless an operator must act, a retry may succeed."""


class UnsupportedGeneration(StoreError):
    """Raised when the tables are those of another generation of the schema."""


class ConcurrencyConflict(Exception):
    """Raised when another transaction changed an aggregate first. Load it again and repeat the decision."""


class InboxPositionConflict(Exception):
    """Raised when another worker was first: an inbox position, parked message or timer is not as expected."""


class DuplicateIdempotencyKey(Exception):
    """Raised when the idempotency key is already stored: return the response stored with it."""


class UnsupportedEventVersion(Exception):
    """Raised when this code cannot read a stored event: its type or version is unknown, or its state is invalid."""


class NumberSeriesConflict(Exception):
    """Raised when another transaction took a number of the same series first. Repeat the decision."""


class RecordedEvent(Struct, frozen=True, gc=False):
    """A stored event, not decoded. `state` is JSON (`shared.codec`): `meta`, then the event's own fields.

    `published_digest` is the SHA-256 of what it publishes, empty for nothing; `mac` proves that the service wrote it.
    """

    position: int
    aggregate: UUID
    version: int
    type: str
    recorded_at: datetime
    state: bytes
    published_digest: bytes = b""
    mac: bytes = b""


class NewEvent(Struct, frozen=True, gc=False):
    """An event to be stored.

    `published_data` is the published form as JSON, with `published_type` as its wire type; `meta` is JSON too.
    """

    aggregate: UUID
    version: int
    type: str
    state: bytes
    published_type: str | None = None
    published_data: bytes | None = None
    meta: bytes = b"{}"
    traceparent: str | None = None
    correlation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """The response of a command, stored with its idempotency key. `request_digest` is a keyed digest."""

    caller: str
    key: str
    request_digest: str
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class InboxPosition:
    """The last message consumed from a source: epoch, sequence, and as a hint its sequence in the NATS stream."""

    source: str
    epoch: str
    position: int
    hint: int


@dataclass(frozen=True, slots=True)
class ParkedEntry:
    """A message that could not be applied. It is kept until a user redrives or discards it."""

    message: Message
    error: str
    fingerprint: str
    attempts: int
    parked_at: datetime


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer of an aggregate, whose `on_timer` is called when it is due."""

    id: int
    due_at: datetime
    kind: str
    aggregate: UUID
    note: str


UniqueKey: TypeAlias = tuple[str, str]
"""A namespace and a value of it, folded: one owner at most has a value with this key."""


def unique_key(name: str, value: str) -> UniqueKey:
    """Return the key of a value in a namespace: equal for values that differ in case, accents, width or form only."""
    return name, fold_text(value)


@dataclass
class Commit:
    """The changes that are stored together, or not at all."""

    events: list[NewEvent] = field(default_factory=list)
    idempotency_record: IdempotencyRecord | None = None
    reservations: dict[UniqueKey, UniqueValue] = field(default_factory=dict)
    released: list[tuple[UniqueKey, str]] = field(default_factory=list)
    numbers: dict[str, tuple[int, int]] = field(default_factory=dict)
    timers: list[tuple[datetime, str, UUID, str]] = field(default_factory=list)
    fired_timers: list[int] = field(default_factory=list)
    unchanged: dict[UUID, int] = field(default_factory=dict)
    inbox_position: InboxPosition | None = None
    previous_inbox_position: InboxPosition | None = None
    to_park: list[ParkedEntry] = field(default_factory=list)
    to_unpark: list[tuple[str, str, int]] = field(default_factory=list)

    def copy(self) -> "Commit":
        """Return an independent copy."""
        return Commit(**{name: copy(part) for name, part in vars(self).items()})
