"""Database of derived tables: a SQLite file or a PostgreSQL schema, behind one interface."""

import secrets
import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from weakref import WeakSet

from shared.store import StoreError
from shared.store.sqlite import WAL_AUTOCHECKPOINT_PAGES

SQLITE = "sqlite:///"
BUSY_SECONDS = 5


class TableMissing(StoreError):
    """Raised when a table or a column does not exist, or no longer exists."""


class Session:
    """Statements of one transaction. `?` is the placeholder in both dialects."""

    def __init__(self, connection: Any, mark: str = "?", text: str = "TEXT") -> None:
        self._connection = connection
        self._placeholder = mark
        self.text_type = text
        """SQL type of a text that compares byte by byte."""

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Any:
        return self._connection.execute(statement.replace("?", self._placeholder), values)

    def upsert(self, table: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Insert rows of texts, replacing those with the same first column."""
        marks = ", ".join("?" * len(names))
        self._connection.executemany(f"{insert_clause(table, names)} VALUES ({marks}) {upsert_clause(names)}", rows)

    def insert(self, table: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Insert rows of texts."""
        marks = ", ".join("?" * len(names))
        self._connection.executemany(f"{insert_clause(table, names)} VALUES ({marks})", rows)

    def copy_to_history(self, table: str, past: str, names: Sequence[str], ends: Sequence[tuple[str, str]]) -> None:
        """Copy current rows to the past rows; `ends` are (until, key)."""
        listed = ", ".join(names)
        copy = f"SELECT {listed}, ? FROM {table} WHERE key=?"  # noqa: S608 (names are the code's own)
        self._connection.executemany(f"{insert_clause(past, [*names, 'valid_to'])} {copy}", ends)

    def delete(self, table: str, keys: Sequence[str]) -> None:
        """Delete the rows with these keys."""
        for key in keys:
            self.execute(f"DELETE FROM {table} WHERE key=?", (key,))  # noqa: S608 (as above)


def insert_clause(table: str, names: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(names)})"


def upsert_clause(names: Sequence[str]) -> str:
    updates = ", ".join(f"{each}=excluded.{each}" for each in names[1:])
    return f"ON CONFLICT ({names[0]}) DO UPDATE SET {updates}"


class Database(ABC):
    """Database with one writer at a time; readers never block it. Thread-safe. Raises StoreError."""

    @abstractmethod
    def prepare(self) -> None:
        """Create the file or the schema."""

    @abstractmethod
    def query(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of one query."""

    @abstractmethod
    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a write transaction; waits while another is open."""
        yield Session(None)

    @abstractmethod
    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Open a read transaction, whose queries see one snapshot."""
        yield Session(None)

    @abstractmethod
    @contextmanager
    def temporary_database(self) -> Iterator["Database"]:
        """Create another database of the same kind, and delete it afterwards."""
        yield self

    @abstractmethod
    def close(self) -> None: ...


def open_database(url: str | Path, service: str, schema_suffix: str = "reports") -> Database:
    """Open `sqlite:///<file>`, a path, or `postgresql://…` (schema `<service>_<schema_suffix>`)."""
    if isinstance(url, str) and url.startswith("postgres"):
        from shared.projections.postgres import PostgresDatabase  # only where it is used: psycopg costs memory

        return PostgresDatabase(url, f"{service}_{schema_suffix}")
    return SqliteDatabase(Path(str(url).removeprefix(SQLITE)))


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
