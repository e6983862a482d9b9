"""Where what is made from a log lives: a SQLite file or a PostgreSQL schema of its own, behind the same few calls."""

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
from shared.store.sqlite import WAL_PAGES

SQLITE = "sqlite:///"
BUSY_SECONDS = 5


class Missing(StoreError):
    """A table or a column is not there (any more)."""


class Session:
    """Statements of one transaction. `?` stands for a value in both dialects."""

    def __init__(self, connection: Any, mark: str = "?", text: str = "TEXT") -> None:
        self._connection = connection
        self._mark = mark
        self.text = text
        """The type of a text that compares byte by byte."""

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Any:
        return self._connection.execute(statement.replace("?", self._mark), values)

    def upsert(self, table: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Put rows of texts in, over those with the same first column."""
        marks = ", ".join("?" * len(names))
        self._connection.executemany(f"{insertion(table, names)} VALUES ({marks}) {over(names)}", rows)

    def insert(self, table: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Put rows of texts in."""
        marks = ", ".join("?" * len(names))
        self._connection.executemany(f"{insertion(table, names)} VALUES ({marks})", rows)

    def keep_past(self, table: str, past: str, names: Sequence[str], ends: Sequence[tuple[str, str]]) -> None:
        """Copy rows as they stand to those of the past; `ends` are (until, key)."""
        listed = ", ".join(names)
        copy = f"SELECT {listed}, ? FROM {table} WHERE key=?"  # noqa: S608 (names are the code's own)
        self._connection.executemany(f"{insertion(past, [*names, 'valid_to'])} {copy}", ends)

    def delete(self, table: str, keys: Sequence[str]) -> None:
        """Take the rows with these keys out."""
        for key in keys:
            self.execute(f"DELETE FROM {table} WHERE key=?", (key,))  # noqa: S608 (as above)


def insertion(table: str, names: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(names)})"


def over(names: Sequence[str]) -> str:
    updates = ", ".join(f"{each}=excluded.{each}" for each in names[1:])
    return f"ON CONFLICT ({names[0]}) DO UPDATE SET {updates}"


class Database(ABC):
    """One writer at a time, readers are never in its way. Thread-safe. Raises StoreError."""

    @abstractmethod
    def prepare(self) -> None:
        """Make the file or the schema."""

    @abstractmethod
    def query(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The answer to one question."""

    @abstractmethod
    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction; waits until nobody else is writing."""
        yield Session(None)

    @abstractmethod
    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Questions inside see one and the same moment."""
        yield Session(None)

    @abstractmethod
    @contextmanager
    def scratch(self) -> Iterator["Database"]:
        """Another database of the same sort, thrown away afterwards."""
        yield self

    @abstractmethod
    def close(self) -> None: ...


def open_database(url: str | Path, service: str, holding: str = "reports") -> Database:
    """`sqlite:///<file>`, a path, or `postgresql://…` (there: the schema `<service>_<holding>`)."""
    if isinstance(url, str) and url.startswith("postgres"):
        from shared.report.postgres import PostgresDatabase  # only where it is used: psycopg costs memory

        return PostgresDatabase(url, f"{service}_{holding}")
    return SqliteDatabase(Path(str(url).removeprefix(SQLITE)))


class _Connection(sqlite3.Connection):
    """Can be referred to weakly, so that a thread's connection goes with the thread."""


class SqliteDatabase(Database):
    """WAL; `synchronous=NORMAL`, since all of it can be rebuilt: a power cut costs the newest rows, not the order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._open: WeakSet[_Connection] = WeakSet()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect("rw")
            self._open.add(connection)
        return connection

    def _connect(self, mode: str) -> _Connection:
        address = f"file:{quote(str(self.path.absolute()))}?mode={mode}"
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False, factory=_Connection
        )
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint={WAL_PAGES}")
        return connection

    def prepare(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._reporting():
            connection = self._connect("rwc")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.close()
        self.path.chmod(0o600)

    def query(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._reporting():
            return self._connection().execute(statement, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self._transaction("BEGIN IMMEDIATE") as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        with self._transaction("BEGIN") as session:
            yield session

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Session]:
        with self._reporting():
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
    def scratch(self) -> Iterator[Database]:
        beside = SqliteDatabase(self.path.with_name(f"{self.path.name}-scratch-{secrets.token_hex(4)}"))
        try:
            yield beside
        finally:
            beside.close()
            for each in self.path.parent.glob(f"{beside.path.name}*"):
                each.unlink()

    def close(self) -> None:
        for connection in list(self._open):
            connection.close()
        self._local = threading.local()

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as trouble:
            gone = any(sign in str(trouble) for sign in ("no such table", "no such column", "unable to open"))
            raise (Missing if gone else StoreError)(f"the database cannot do it now: {trouble}") from trouble
