"""Connections to a SQLite file, one for each thread."""

import sqlite3
import threading
from pathlib import Path
from urllib.parse import quote
from weakref import WeakSet

BUSY_SECONDS = 5.0


class _Connection(sqlite3.Connection):
    """Connection with weak references, so that a thread's connection is released with the thread."""


class ThreadConnections:
    """Connections without implicit transactions; each is set up with the pragmas and ends with its thread."""

    def __init__(self, path: Path, *pragmas: str, mode: str = "rwc") -> None:
        self._address = f"file:{quote(str(path.absolute()))}?mode={mode}"
        self._pragmas = pragmas
        self._local = threading.local()
        self._open: WeakSet[_Connection] = WeakSet()

    def get(self) -> sqlite3.Connection:
        """Return the connection of this thread."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        return connection or self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._address, BUSY_SECONDS, check_same_thread=False, factory=_Connection, cached_statements=256, uri=True
        )
        connection.isolation_level = None
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
