"""The event store of one service in one SQLite file: single node, every commit on disk when it returns."""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.store import Commit, Recorded, StoreError, VersionClash
from shared.store.sql import SqlStore, Values
from shared.store.tables import IDENTITY, SQLITE, TABLES
from shared.store.writing import NEWEST, Newest, Step, Writing

BUSY_SECONDS = 5.0
REMEMBERED_IDS = 10_000
WAL_PAGES = 8_000
"""Pages that change often are copied into the database file once in so many, not once in SQLite's thousand."""
sqlite3.register_adapter(UUID, attrgetter("bytes"))


class SqliteStore(SqlStore):
    """WAL, `synchronous=FULL`; commands of all processes on this host take turns under one lock file."""

    COLUMNS = "SELECT name FROM pragma_table_info(?)"

    def __init__(self, service: str, path: Path) -> None:
        self.service, self.path, self.location = service, path, str(path)
        self._local = threading.local()
        self._turn = threading.RLock()
        self._lock_file: int | None = None
        self._depth = 0
        self._open: list[sqlite3.Connection] = []

    # -- connections and turns

    def _db(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = sqlite3.connect(
                self.path, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False, cached_statements=256
            )
            db.execute("PRAGMA synchronous=FULL")
            db.execute("PRAGMA cache_size=-8000")
            db.execute(f"PRAGMA wal_autocheckpoint={WAL_PAGES}")
            self._local.db = db
            self._open.append(db)
        return db

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """One transaction, so that what is read is looked up in one moment, which nobody can change meanwhile."""
        with self._alone():
            db = self._db()
            if db.in_transaction:
                yield
                return
            with self._reporting():
                db.execute("BEGIN")
            try:
                yield
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time, of all threads of all processes."""
        with self._turn:
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

    def guard(self, aggregate: UUID) -> None:
        """Commands already take turns."""

    def close(self) -> None:
        with self._turn:
            for db in self._open:
                db.close()
            self._open.clear()
            self._local = threading.local()
            if self._lock_file is not None:
                os.close(self._lock_file)
                self._lock_file = None

    # -- being prepared

    def migrate(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._alone():
            db = self._db()
            self._check_generation()
            db.execute("PRAGMA journal_mode=WAL")
            db.executescript(f"BEGIN IMMEDIATE; {TABLES.format_map(SQLITE)}")
            db.execute(IDENTITY, self._identity())
            db.execute("COMMIT")
        self.path.chmod(0o600)

    def check(self) -> None:
        if not self.path.exists():
            raise StoreError(f"there is no event store of {self.service} yet: run migrate first")
        self._check_identity()
        db = self._db()
        mode = db.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = db.execute("PRAGMA synchronous").fetchone()[0]
        if (mode, synchronous) != ("wal", 2):
            raise StoreError(f"unsafe SQLite settings: journal {mode}, synchronous {synchronous}")

    def writable(self) -> None:
        with self.exclusive(), self._reporting():
            self._db().execute("UPDATE store_identity SET epoch=epoch")
            self._db().execute("ROLLBACK")

    # -- the one transaction

    def commit(self, commit: Commit) -> list[Recorded]:
        with self.exclusive(), self._reporting():
            db, writing = self._db(), Writing(commit, self.now())
            try:
                newest = Newest(*db.execute(NEWEST).fetchone() or ())
                for step in writing.steps(newest):
                    _take(db, step)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
        stored = writing.stored(newest)
        if stored:
            self.on_commit()
        return stored

    # -- reading

    def _all(self, question: str, values: Values = ()) -> list[Any]:
        try:
            return self._db().execute(question, values).fetchall()
        except sqlite3.Error as trouble:
            raise self._trouble(trouble) from trouble

    @staticmethod
    @lru_cache(REMEMBERED_IDS)
    def _id(stored: bytes) -> UUID:
        return UUID(bytes=stored)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as trouble:
            raise self._trouble(trouble) from trouble

    def _trouble(self, trouble: sqlite3.Error) -> StoreError | VersionClash:
        if getattr(trouble, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY_SNAPSHOT:
            return VersionClash("somebody who did not wait for a turn committed meanwhile")
        return StoreError(f"the event store of {self.service} cannot do it now: {trouble}")


def _take(db: sqlite3.Connection, step: Step) -> None:
    """Run a step. Raises what it means if a row found no place."""
    if len(step.rows) == 1:
        cursor = db.execute(step.statement, step.rows[0])
    else:
        cursor = db.cursor().executemany(step.statement, step.rows)
    placed = len(cursor.fetchall()) if cursor.description else cursor.rowcount
    if step.otherwise and placed != len(step.rows):
        raise step.otherwise()
