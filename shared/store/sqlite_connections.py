"""Connections to a SQLite file, one for each thread."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from weakref import WeakSet

from shared.store.translated_errors import TranslatedErrors

BUSY_SECONDS = 5.0


class _Connection(sqlite3.Connection):
    """Connection with weak references, so that a thread's connection is released with the thread."""


class ThreadConnections:
    """SQLite connections, one for each thread, without implicit transactions; each is set up with the pragmas."""

    def __init__(self, path: Path, *pragmas: str, translate: Callable[[sqlite3.Error], Exception]) -> None:
        self._path, self._pragmas = path, pragmas
        self.errors = TranslatedErrors(sqlite3.Error, translate)
        self._local = threading.local()
        self._open: WeakSet[_Connection] = WeakSet()

    def create(self) -> None:
        """Create the file, readable by its owner only, and its folder; connections never create it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch()
        self._path.chmod(0o600)

    def query(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        with self.errors:
            return self.get().execute(statement, values).fetchall()

    def get(self) -> sqlite3.Connection:
        """Return the connection of this thread."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        return connection or self._connect()

    def _connect(self) -> sqlite3.Connection:
        address = f"file:{quote(str(self._path.absolute()))}?mode=rw"
        with self.errors:
            connection = _Connection(
                address, BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256, uri=True
            )
            for each in self._pragmas:
                connection.execute(f"PRAGMA {each}")
        self._local.connection = connection
        self._open.add(connection)
        return connection

    def close(self) -> None:
        """Close the connections of all threads."""
        for connection in list(self._open):
            connection.close()
        self._local = threading.local()


@contextmanager
def rollback_afterwards(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Roll back what the code inside does not commit."""
    try:
        yield connection
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
