"""Derived tables in a PostgreSQL schema."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors, sql

from shared.codec import encode
from shared.projections.column_types import TEXT
from shared.projections.database import Columns, Database, Session, TableMissing, Texts, insert_clause
from shared.store import StoreError
from shared.store.postgres_pool import PostgresPool

MAX_CONNECTIONS = 12
IDLE_TRANSACTION_SECONDS = 30


class _PostgresSession(Session):
    placeholder = "%s"

    @staticmethod
    def sql_type(kind: str) -> str:
        return 'TEXT COLLATE "C"' if kind == TEXT else kind

    def insert(self, table: str, columns: Columns, rows: Sequence[Sequence[Any]], conflict_clause: str = "") -> None:
        """Insert all rows as one JSON parameter: half the time of `executemany`, a tenth of the client's work."""
        names = [name for name, _ in columns]
        fields = ", ".join(f"(row->>{place})::{kind}" for place, (_, kind) in enumerate(columns))
        source = f"SELECT {fields} FROM json_array_elements(?::json) AS row"  # noqa: S608 (names are the code's own)
        self.execute(f"{insert_clause(table, names)} {source} {conflict_clause}", (encode(rows).decode(),))

    def copy_to_history(self, table: str, past: str, names: Texts, ends: Sequence[tuple[int, str]]) -> None:
        listed = ", ".join(f"{table}.{name}" for name in names)
        source = f"FROM json_array_elements(?::json) AS ended JOIN {table} ON {table}.key=ended->>1"
        copy = f"SELECT {listed}, (ended->>0)::bigint {source}"
        self.execute(f"{insert_clause(past, [*names, 'valid_to'])} {copy}", (encode(ends).decode(),))


class PostgresDatabase(Database):
    """Database of read models in a PostgreSQL schema. Writers take turns; an idle transaction is ended after 30 s."""

    def __init__(self, url: str, schema: str) -> None:
        self._connections = PostgresPool(url, schema, _translate_error, MAX_CONNECTIONS, IDLE_TRANSACTION_SECONDS)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with self._connections.transaction() as connection:
            yield _PostgresSession(connection)

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        with self._connections.connection() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield _PostgresSession(connection)

    @contextmanager
    def temporary_database(self) -> Iterator[Database]:
        schema = f"{self._connections.schema}_scratch_{secrets.token_hex(4)}"
        scratch = PostgresDatabase(self._connections.url, schema)
        try:
            yield scratch
        finally:
            with scratch._connections.connection() as connection:
                connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
            scratch.close()


def _translate_error(error: psycopg.Error) -> StoreError:
    is_missing = isinstance(error, errors.UndefinedTable | errors.UndefinedColumn | errors.InvalidSchemaName)
    return (TableMissing if is_missing else StoreError)(f"database error: {error}")
