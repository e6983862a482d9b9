"""The event store of one service: one transaction for everything that a command writes, one log without gaps."""

from abc import abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cached_property
from uuid import UUID

from shared.store import Commit, RecordedEvent
from shared.store.stored_log import StoredLog
from shared.store.stored_values import StoredValues
from shared.store.write_probe import WriteProbe


class EventStore(StoredLog, StoredValues):
    """The event store of one service, on SQLite or PostgreSQL; both pass one conformance suite.

    Positions start at 1, ascend in commit order and have no gaps. Thread-safe.
    """

    on_commit: Callable[[], object] = staticmethod(lambda: None)
    """Called after each commit that stored events: wakes the worker."""
    notifies_of_commits = False
    """Whether the database notifies the worker of each commit of any process, so that nothing else has to."""

    # -- preparing

    @abstractmethod
    def migrate(self) -> None:
        """Create or upgrade all tables; no other method does."""

    @abstractmethod
    def check(self) -> None:
        """Raises StoreError, with what to do, for an unsafe or unprepared database."""

    def require_writable(self) -> None:
        """Raises StoreError unless a commit can succeed now (readiness): once in a while it commits."""
        self.require_not_suspended()
        self._write_probe.require_success()

    @cached_property
    def _write_probe(self) -> WriteProbe:
        return WriteProbe(self._write_nothing)

    @abstractmethod
    def _write_nothing(self, *, commits: bool) -> None:
        """Change a row to what it is; then commit, or roll back, which costs little. Raises StoreError."""

    @abstractmethod
    def checkpoint(self, *, is_last: bool = False) -> bool:
        """Copy commits that are only in a write-ahead log to the database file, where the database leaves that to us.

        `is_last` at a clean stop: the log is emptied. Returns whether all commits are copied.
        """

    @property
    @abstractmethod
    def write_ahead_log_written_at(self) -> int:
        """When the log that `checkpoint` copies was written last, to be compared only; 0 if there is none."""

    @abstractmethod
    def size_bytes(self) -> int:
        """Return the bytes that the store takes on its disk."""

    @abstractmethod
    def close(self) -> None: ...

    def _is_new(self) -> bool:
        """Return whether the store has no events yet."""
        return not (self._fetch_all(self.COLUMNS, ("events",)) and self.head())

    # -- writing

    @abstractmethod
    def exclusive(self) -> AbstractContextManager[None]:
        """Open the re-entrant section for load, decide and commit. SQLite: one at a time for all processes."""

    def lock_aggregate(self, aggregate: UUID) -> None:
        """Inside `exclusive`: lock the aggregate until the section ends."""

    @abstractmethod
    def commit(self, commit: Commit) -> list[RecordedEvent]:
        """Store all changes or none; return the events with their positions and recorded time, which never decreases.

        Raises ConcurrencyConflict, InboxPositionConflict, DuplicateIdempotencyKey, NumberSeriesConflict, AlreadyTaken
        and StoreError.
        """

    def now(self) -> datetime:
        """Return the time that new events are recorded with."""
        return datetime.now(UTC)

    def database_time(self) -> datetime:
        """Return the time by the clock of the database."""
        return datetime.now(UTC)
