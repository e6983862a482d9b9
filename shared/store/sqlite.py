"""The event store of one service in one SQLite file: one machine, each commit is on disk when it returns."""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.store import Commit, ConcurrencyConflict, RecordedEvent, StoreError
from shared.store.commit_plan import CommitPlan, SqlStep
from shared.store.event_store import EventStore
from shared.store.integrity import IntegrityKey
from shared.store.log_end import SELECT_LOG_END, KnownLogEnd
from shared.store.sql import Values
from shared.store.sqlite_connections import ThreadConnections, rollback_afterwards
from shared.store.tables import IDENTITY, SQLITE, TABLES

MAX_CACHED_IDS = 10_000
MIN_FREE_BYTES = 1 << 20
"""With less free space, nothing more is stored, so that what was stored still reaches the read models."""
WAL_AUTOCHECKPOINT = "wal_autocheckpoint=8000"
"""In pages. Commands do not copy the log to the database file, the worker does, unless it has stopped."""
sqlite3.register_adapter(UUID, attrgetter("bytes"))


class SqliteEventStore(EventStore):
    """Event store in an SQLite file (WAL, `synchronous=FULL`); a lock file serialises all commands on this host."""

    COLUMNS = "SELECT name FROM pragma_table_info(?)"

    def __init__(self, service: str, path: Path, integrity_key: IntegrityKey) -> None:
        self.service, self.path, self.location, self.integrity_key = service, path, str(path), integrity_key
        pragmas = "synchronous=FULL", "cache_size=-8000", WAL_AUTOCHECKPOINT
        self._connections = ThreadConnections(path, *pragmas, translate=self._translate_error)
        self._write_ahead_log = path.with_name(f"{path.name}-wal")
        self._process_lock = threading.RLock()
        self._lock_file: int | None = None
        self._depth = 0

    # -- locks

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Open one transaction, so that all reads see the same state, which cannot change meanwhile."""
        with self._exclusive_lock():
            db = self._connections.get()
            if db.in_transaction:
                yield
                return
            with self._connections.errors:
                db.execute("BEGIN")
            with rollback_afterwards(db):
                yield

    @contextmanager
    def _exclusive_lock(self) -> Iterator[None]:
        """Hold the lock of all threads of all processes."""
        with self._process_lock:
            if self._lock_file is None:
                self._lock_file = os.open(f"{self.path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            if self._depth == 0:
                fcntl.flock(self._lock_file, fcntl.LOCK_EX)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    fcntl.flock(self._lock_file, fcntl.LOCK_UN)

    def close(self) -> None:
        with self._process_lock:
            self._connections.close()
            if self._lock_file is not None:
                os.close(self._lock_file)
                self._lock_file = None

    # -- preparation and checks

    def migrate(self) -> None:
        self._connections.create()
        with self._exclusive_lock():
            db = self._connections.get()
            self._check_generation()
            self.integrity_key.migrate(is_new_store=self._is_new())
            db.execute("PRAGMA journal_mode=WAL")
            db.executescript(f"BEGIN IMMEDIATE; {TABLES.format_map(SQLITE)}")
            db.execute(IDENTITY, self._identity())
            db.execute("COMMIT")

    def epoch_or_none(self) -> str | None:
        return super().epoch_or_none() if self.path.exists() else None

    def check(self) -> None:
        if not self.path.exists():
            raise StoreError(f"there is no event store of {self.service} yet: run migrate first")
        self._check_identity()
        db = self._connections.get()
        mode = db.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = db.execute("PRAGMA synchronous").fetchone()[0]
        if (mode, synchronous) != ("wal", 2):
            raise StoreError(
                f"unsafe SQLite settings: journal_mode is {mode} (must be wal), synchronous {synchronous} (2)"
            )

    def checkpoint(self, *, is_last: bool = False) -> bool:
        mode = "TRUNCATE" if is_last else "PASSIVE"
        is_busy, pages, copied = self._connections.query(f"PRAGMA wal_checkpoint({mode})")[0]
        return not is_busy and pages == copied

    @property
    def write_ahead_log_written_at(self) -> int:
        """Return the file time of the log, in nanoseconds.

        Only SQLite opens files of the database. A process that closes one by itself releases all its locks on that
        file (sqlite.org/howtocorrupt.html, 2.2): another process then truncates the index that is mapped here.
        """
        try:
            return self._write_ahead_log.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def size_bytes(self) -> int:
        files = self.path, self._write_ahead_log
        return sum(each.stat().st_size for each in files if each.exists())

    def _require_room(self) -> None:
        disk = os.statvfs(self.path.parent)
        if disk.f_bavail * disk.f_frsize < MIN_FREE_BYTES:
            raise StoreError(f"less than {MIN_FREE_BYTES} bytes are free for the event store of {self.service}")

    def _write_nothing(self, *, commits: bool) -> None:
        self._require_room()
        with self.exclusive(), self._connections.errors:
            self._connections.get().execute("UPDATE store_identity SET epoch=epoch")
            self._connections.get().execute("COMMIT" if commits else "ROLLBACK")

    # -- the one transaction

    def commit(self, commit: Commit) -> list[RecordedEvent]:
        self.require_not_suspended()
        self._require_room()
        with self.exclusive(), self._connections.errors, rollback_afterwards(self._connections.get()) as db:
            plan = CommitPlan(commit, self.now(), self._sealer)
            log_end = KnownLogEnd(*db.execute(SELECT_LOG_END).fetchone())
            for step in plan.steps(log_end):
                _run_step(db, step)
            db.execute("COMMIT")
        stored = plan.recorded_events(log_end)
        if stored:
            self.on_commit()
        return stored

    def write_all(self, statements: Sequence[tuple[str, Values]]) -> None:
        with self.exclusive(), self._connections.errors, rollback_afterwards(self._connections.get()) as db:
            for statement, values in statements:
                db.execute(statement, values)
            db.execute("COMMIT")

    # -- reading

    def _fetch_all(self, statement: str, values: Values = ()) -> list[Any]:
        return self._connections.query(statement, values)

    @staticmethod
    @lru_cache(MAX_CACHED_IDS)
    def _decode_id(stored: bytes) -> UUID:
        return UUID(bytes=stored)

    def _translate_error(self, error: sqlite3.Error) -> StoreError | ConcurrencyConflict:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY_SNAPSHOT:
            return ConcurrencyConflict("another transaction committed during this one")
        return StoreError(f"the event store of {self.service} is unavailable: {error}")


def _run_step(db: sqlite3.Connection, step: SqlStep) -> None:
    """Run a step. Raises its error if a row was not written."""
    if len(step.rows) == 1:
        cursor = db.execute(step.statement, step.rows[0])
    else:
        cursor = db.cursor().executemany(step.statement, step.rows)
    written = len(cursor.fetchall()) if cursor.description else cursor.rowcount
    if step.on_failure and written != len(step.rows):
        raise step.on_failure()
