"""Derived tables in a SQLite file."""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from shared.projections.database import Database, Session, TableMissing
from shared.store import StoreError
from shared.store.sqlite import WAL_AUTOCHECKPOINT
from shared.store.sqlite_connections import ThreadConnections, rollback_afterwards


class SqliteDatabase(Database):
    """Database of read models in an SQLite file (WAL): a power cut loses only the newest rows, which are rebuilt."""

    def __init__(self, path: Path) -> None:
        self.path = path
        pragmas = "journal_mode=WAL", "synchronous=NORMAL", WAL_AUTOCHECKPOINT
        self._connections = ThreadConnections(path, *pragmas, translate=_translate_error)

    def transaction(self) -> AbstractContextManager[Session]:
        return self._transaction("BEGIN IMMEDIATE")

    def snapshot(self) -> AbstractContextManager[Session]:
        return self._transaction("BEGIN")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Session]:
        with self._connections.errors:
            connection = self._connections.get()
            connection.execute(begin)
            with rollback_afterwards(connection):
                yield Session(connection)
                connection.execute("COMMIT")

    @contextmanager
    def temporary_database(self) -> Iterator[Database]:
        scratch = SqliteDatabase(self.path.with_name(f"{self.path.name}-scratch-{secrets.token_hex(4)}"))
        try:
            yield scratch
        finally:
            scratch.close()
            for each in self.path.parent.glob(f"{scratch.path.name}*"):
                each.unlink()


def _translate_error(error: sqlite3.Error) -> StoreError:
    is_missing = any(text in str(error) for text in ("no such table", "no such column", "unable to open"))
    return (TableMissing if is_missing else StoreError)(f"database error: {error}")
