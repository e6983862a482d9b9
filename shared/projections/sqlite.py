"""Derived tables in a SQLite file."""

import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from weakref import WeakSet

from shared.projections.database import BUSY_SECONDS, Database, Session, TableMissing
from shared.store import StoreError
from shared.store.sqlite import WAL_AUTOCHECKPOINT_PAGES


class _Connection(sqlite3.Connection):
    """Connection with weak references, so that a thread's connection is released with the thread."""


class SqliteDatabase(Database):
    """SQLite in WAL mode with `synchronous=NORMAL`: a power cut loses only the newest rows, which are rebuilt."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._open_connections: WeakSet[_Connection] = WeakSet()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect("rw")
            self._open_connections.add(connection)
        return connection

    def _connect(self, mode: str) -> _Connection:
        address = f"file:{quote(str(self.path.absolute()))}?mode={mode}"
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False, factory=_Connection
        )
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint={WAL_AUTOCHECKPOINT_PAGES}")
        return connection

    def prepare(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._translating_errors():
            connection = self._connect("rwc")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.close()
        self.path.chmod(0o600)

    def query(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._translating_errors():
            return self._connection().execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with self._transaction("BEGIN IMMEDIATE") as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        with self._transaction("BEGIN") as session:
            yield session

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Session]:
        with self._translating_errors():
            connection = self._connection()
            connection.execute(begin)
            try:
                yield Session(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def temporary_database(self) -> Iterator[Database]:
        scratch = SqliteDatabase(self.path.with_name(f"{self.path.name}-scratch-{secrets.token_hex(4)}"))
        try:
            yield scratch
        finally:
            scratch.close()
            for each in self.path.parent.glob(f"{scratch.path.name}*"):
                each.unlink()

    def close(self) -> None:
        for connection in list(self._open_connections):
            connection.close()
        self._local = threading.local()

    @contextmanager
    def _translating_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            missing = any(text in str(error) for text in ("no such table", "no such column", "unable to open"))
            raise (TableMissing if missing else StoreError)(f"database error: {error}") from error
