"""Database of derived tables: a SQLite file or a PostgreSQL schema, behind one interface."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from shared.store import StoreError

Texts = Sequence[str]
Columns = Sequence[tuple[str, str]]
"""Names of columns with their types: TEXT or BIGINT."""


class TableMissing(StoreError):
    """Raised when a table or column of a read model does not exist, or serves no readers yet."""


class Session:
    """One transaction in a database of read models. `?` is the placeholder in both dialects."""

    placeholder = "?"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @staticmethod
    def sql_type(kind: str) -> str:
        """Return the SQL type of a column; texts compare byte by byte."""
        return kind

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Any:
        return self._connection.execute(statement.replace("?", self.placeholder), values)

    def upsert(self, table: str, columns: Columns, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows, replacing those with the same first column."""
        (first, _), *others = columns
        updates = ", ".join(f"{name}=excluded.{name}" for name, _ in others)
        self.insert(table, columns, rows, f"ON CONFLICT ({first}) DO UPDATE SET {updates}")

    def insert(self, table: str, columns: Columns, rows: Sequence[Sequence[Any]], conflict_clause: str = "") -> None:
        marks = ", ".join("?" * len(columns))
        names = [name for name, _ in columns]
        self._connection.executemany(f"{insert_clause(table, names)} VALUES ({marks}) {conflict_clause}", rows)

    def copy_to_history(self, table: str, past: str, names: Texts, ends: Sequence[tuple[int, str]]) -> None:
        """Copy current rows to the past rows; `ends` are (until, key)."""
        copy = f"SELECT {', '.join(names)}, ? FROM {table} WHERE key=?"  # noqa: S608 (names are the code's own)
        self._connection.executemany(f"{insert_clause(past, [*names, 'valid_to'])} {copy}", ends)

    def delete(self, table: str, keys: Texts) -> None:
        for key in keys:
            self.execute(f"DELETE FROM {table} WHERE key=?", (key,))  # noqa: S608 (as above)


def insert_clause(table: str, names: Texts) -> str:
    """Return the start of an INSERT statement: table and columns."""
    return f"INSERT INTO {table} ({', '.join(names)})"


class Database(ABC):
    """Base class of databases of read models: one writer at a time; readers never block it. Raises StoreError."""

    _connections: Any
    """Connections to the SQLite file or the PostgreSQL schema."""

    def prepare(self, *tables: str) -> None:
        """Create the file or the schema, and these tables."""
        self._connections.create()
        with self.transaction() as session:
            for each in tables:
                session.execute(each)

    def query(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of one query."""
        rows: list[tuple[Any, ...]] = self._connections.query(statement, values)
        return rows

    def close(self) -> None:
        self._connections.close()

    @abstractmethod
    def transaction(self) -> AbstractContextManager[Session]:
        """Open a write transaction; waits while another is open."""

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Session]:
        """Open a read transaction, whose queries see one snapshot."""

    @abstractmethod
    def temporary_database(self) -> AbstractContextManager["Database"]:
        """Create another database of the same kind, and delete it afterwards."""
