"""Connections to one PostgreSQL schema."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool

from shared.store.translated_errors import TranslatedErrors

Connection = psycopg.Connection[Any]

BUSY_SECONDS = 5


Translation = Callable[[psycopg.Error], Exception]


class PostgresPool:
    """Pool of autocommit connections, opened when first used; a transaction ends after `idle_seconds` without work."""

    def __init__(self, url: str, schema: str, translate: Translation, max_size: int, idle_seconds: int) -> None:
        self.url, self.schema = url, schema
        self.errors = TranslatedErrors(psycopg.Error, translate)
        timeouts = f"-c lock_timeout={BUSY_SECONDS}s -c idle_in_transaction_session_timeout={idle_seconds}s"
        self.options = f"-c search_path={schema} {timeouts}"
        kwargs = {"autocommit": True, "options": self.options}
        self._pool = ConnectionPool(url, min_size=1, max_size=max_size, open=False, timeout=BUSY_SECONDS, kwargs=kwargs)

    def close(self) -> None:
        self._pool.close()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        with self.errors:
            if self._pool.closed:
                self._pool.open()
            connection = self._pool.getconn()
            try:
                yield connection
            finally:
                self._pool.putconn(connection)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a transaction that holds the advisory lock of the schema."""
        with self.connection() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (self.schema,))
            yield connection

    def create(self) -> None:
        """Create the schema."""
        with self.transaction() as connection:
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(self.schema)))

    def query(self, statement: str, values: Sequence[Any]) -> list[Any]:
        """Return the rows of a query; run it again on another connection if the first one is broken."""
        try:
            return self._query(statement, values)
        except Exception as error:
            if not isinstance(error.__cause__, psycopg.OperationalError):
                raise
            return self._query(statement, values)

    def _query(self, statement: str, values: Sequence[Any]) -> list[Any]:
        with self.connection() as connection:
            return query(connection, statement, values)


def query(connection: Connection, statement: str, values: Sequence[Any]) -> list[Any]:
    """Run a statement on PostgreSQL and return all its rows."""
    return connection.execute(with_placeholders(statement), values, binary=True).fetchall()


@lru_cache(maxsize=512)
def with_placeholders(statement: str) -> bytes:
    """Return the statement with psycopg's placeholders instead of `?`."""
    return statement.replace("?", "%s").encode()
