"""Where a service keeps what happened: one transaction for everything that belongs to a command."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from shared.message import Message

GENERATION = 2
"""The generation of the schema, with all stored names, that this version of the code reads and writes."""


class StoreError(Exception):
    """The store could not do it now; the same call may succeed later."""


class UnsupportedGeneration(StoreError):
    """Raised when the tables are those of another generation of the schema."""


class VersionClash(Exception):
    """Another one changed the aggregate (or one that should stay unchanged) first. Load again, decide again."""


class AlreadyHeard(Exception):
    """The position heard is not what this transaction believed: another worker took over."""


class KeySeen(Exception):
    """The idempotency key was used before (or at the same moment): give the answer stored with it."""


class FromTheFuture(Exception):
    """A stored event is newer than this code: refuse to guess."""


class NumberTaken(Exception):
    """Another transaction took a number of the same series first. Decide again."""


class Recorded(Struct, frozen=True):
    """One stored event, undecoded. `state` is JSON (`shared.codec`): `meta`, then the event's own fields."""

    position: int
    aggregate: UUID
    version: int
    type: str
    recorded_at: datetime
    state: bytes


class NewEvent(Struct, frozen=True):
    """An event to be stored, of one `story` (its correlation).

    `said` is what others may hear of it, with `said_type` and the event's `meta` as JSON.
    """

    aggregate: UUID
    version: int
    type: str
    state: bytes
    said_type: str | None = None
    said: bytes | None = None
    meta: bytes = b"{}"
    traceparent: str | None = None
    story: UUID | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answered, stored with its idempotency key. `request` is a keyed digest of the request."""

    caller: str
    key: str
    request: str
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """How far one source was heard: epoch, its sequence, and the stream sequence as a hint."""

    source: str
    epoch: str
    position: int
    hint: int


@dataclass(frozen=True, slots=True)
class Parked:
    """A message that could not be applied, waiting for a person. Never dropped."""

    message: Message
    error: str
    fingerprint: str
    attempts: int
    parked_at: datetime


@dataclass(frozen=True, slots=True)
class Timer:
    """A wake-up of an aggregate, due at a recorded time."""

    id: int
    due_at: datetime
    kind: str
    aggregate: UUID
    note: str


@dataclass
class Commit:
    """Everything that becomes true at once, or not at all."""

    events: list[NewEvent] = field(default_factory=list)
    answer: Answer | None = None
    claims: list[tuple[str, str, UUID]] = field(default_factory=list)
    releases: list[tuple[str, str]] = field(default_factory=list)
    numbers: dict[str, tuple[int, int]] = field(default_factory=dict)
    timers: list[tuple[datetime, str, UUID, str]] = field(default_factory=list)
    fired: list[int] = field(default_factory=list)
    unchanged: list[tuple[UUID, int]] = field(default_factory=list)
    heard: Heard | None = None
    heard_before: Heard | None = None
    park: list[Parked] = field(default_factory=list)
    unpark: list[tuple[str, str, int]] = field(default_factory=list)

    def copied(self) -> "Commit":
        """As it stands now; what is added to one is not in the other."""
        return Commit(**{name: copy(part) for name, part in vars(self).items()})


class Store(ABC):
    """The event store of one service, on SQLite or PostgreSQL; both pass one conformance suite.

    Positions count from 1, ascend in commit order and have no holes. Thread-safe.
    """

    service: str

    @property
    @abstractmethod
    def epoch(self) -> str:
        """Identity of this store's incarnation, 16 hex digits; a restore gets a new one."""

    @abstractmethod
    def migrate(self) -> None:
        """Make or bring up to date all tables. The only place that makes any."""

    @abstractmethod
    def check(self) -> None:
        """Refuse to work on an unsafe or unprepared database. Raises StoreError saying what to do."""

    @abstractmethod
    def exclusive(self) -> AbstractContextManager[None]:
        """The section load - decide - commit runs in; re-entrant. SQLite: one at a time for all processes."""

    @abstractmethod
    def guard(self, aggregate: UUID) -> None:
        """Inside `exclusive`: nobody else decides on this aggregate until the section ends."""

    @abstractmethod
    def commit(self, commit: Commit) -> list[Recorded]:
        """All of it or nothing; the stored events with their positions and recorded time, which never goes back.

        Raises VersionClash, AlreadyHeard, KeySeen, NumberTaken, shared.domain.AlreadyTaken, StoreError.
        """

    @abstractmethod
    def writable(self) -> None:
        """Raises StoreError unless a commit could succeed now (readiness)."""

    @abstractmethod
    def events(self, aggregate: UUID, after_version: int = 0, until_position: int | None = None) -> Sequence[Recorded]:
        """What happened to one aggregate, in order."""

    @abstractmethod
    def log(
        self, after: int, limit: int, types: Sequence[str] | None = None, until: int | None = None
    ) -> Sequence[Recorded]:
        """The log in order, after a position; only the given event types where `types` is given."""

    @abstractmethod
    def story(self, story: UUID, after: int, limit: int, until: int) -> Sequence[Recorded]:
        """The events of one story in order, after a position."""

    @abstractmethod
    def head(self) -> int:
        """Position of the newest event, 0 for none."""

    def position_at(self, moment: datetime) -> int:
        """Position of the newest event recorded by then, 0 for none."""
        low, high = 0, self.head()
        while low < high:
            middle = (low + high + 1) // 2
            (event,) = self.log(middle - 1, 1)
            low, high = (middle, high) if event.recorded_at <= moment else (low, middle - 1)
        return low

    @abstractmethod
    def published(self, after: int, limit: int) -> Sequence[Message]:
        """What others may hear, in order, after a position."""

    @abstractmethod
    def published_head(self) -> int:
        """Position of the newest published event, 0 for none."""

    @abstractmethod
    def answer(self, caller: str, key: str) -> Answer | None: ...

    @abstractmethod
    def owner(self, name: str, value: str) -> UUID | None: ...

    @abstractmethod
    def last_number(self, series: str) -> int: ...

    @abstractmethod
    def heard(self, source: str) -> Heard | None: ...

    @abstractmethod
    def parked(self, source: str | None = None) -> Sequence[Parked]: ...

    @abstractmethod
    def due(self, now: datetime, limit: int = 100) -> Sequence[Timer]: ...

    @abstractmethod
    def next_due(self) -> datetime | None: ...

    @abstractmethod
    def close(self) -> None: ...

    on_commit: Callable[[], object] = staticmethod(lambda: None)
    """Called after each commit that stored events: wakes the worker."""
