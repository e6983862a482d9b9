"""Derived tables in a SQLite file."""

import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

from shared.projections.database import Database, Session, TableMissing
from shared.store import StoreError
from shared.store.sqlite import WAL_AUTOCHECKPOINT
from shared.store.sqlite_connections import ThreadConnections


class SqliteDatabase(Database):
    """SQLite in WAL mode with `synchronous=NORMAL`: a power cut loses only the newest rows, which are rebuilt."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connections = ThreadConnections(path, "synchronous=NORMAL", WAL_AUTOCHECKPOINT, mode="rw")

    def prepare(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._translating_errors(), closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        self.path.chmod(0o600)

    def query(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._translating_errors():
            return self._connections.get().execute(statement, values).fetchall()

    def transaction(self) -> AbstractContextManager[Session]:
        return self._transaction("BEGIN IMMEDIATE")

    def snapshot(self) -> AbstractContextManager[Session]:
        return self._transaction("BEGIN")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Session]:
        with self._translating_errors():
            connection = self._connections.get()
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
        self._connections.close()

    @contextmanager
    def _translating_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            missing = any(text in str(error) for text in ("no such table", "no such column", "unable to open"))
            raise (TableMissing if missing else StoreError)(f"database error: {error}") from error
