"""Connections to one PostgreSQL schema."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool

from shared.store.postgres_connection import ConfirmedConnection, OutcomeUnknown
from shared.store.translated_errors import TranslatedErrors

Connection = ConfirmedConnection

BUSY_SECONDS = 5

Translation = Callable[[psycopg.Error], Exception]


class PostgresPool:
    """Pool of autocommit connections, opened when first used; a transaction ends after `idle_seconds` without work."""

    def __init__(self, url: str, schema: str, translate: Translation, max_size: int, idle_seconds: int) -> None:
        self.url, self.schema = url, schema
        self.errors = TranslatedErrors(psycopg.Error, translate)
        timeouts = f"-c lock_timeout={BUSY_SECONDS}s -c idle_in_transaction_session_timeout={idle_seconds}s"
        options = f"-c search_path={schema} -c client_min_messages=notice {timeouts}"
        self._kwargs: dict[str, Any] = {"autocommit": True, "options": options, "connect_timeout": BUSY_SECONDS}
        self._pool = ConnectionPool(
            url,
            connection_class=Connection,
            min_size=1,
            max_size=max_size,
            open=False,
            timeout=BUSY_SECONDS,
            kwargs=self._kwargs,
        )

    def close(self) -> None:
        self._pool.close()

    def connect(self) -> Connection:
        """Open a connection of its own."""
        return Connection.connect(self.url, **self._kwargs)

    @contextmanager
    def connection(self, limit_seconds: float | None = None) -> Iterator[Connection]:
        """Lend a connection; OutcomeUnknown is raised if a statement takes longer than the limit."""
        with self.errors:
            if self._pool.closed:
                self._pool.open()
            connection = self._pool.getconn()
            try:
                with connection.limited_to(limit_seconds):
                    yield connection
            finally:
                self._pool.putconn(connection)

    @contextmanager
    def transaction(self, limit_seconds: float | None = None) -> Iterator[Connection]:
        """Open a transaction that holds the advisory lock of the schema."""
        with self.connection(limit_seconds) as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (self.schema,))
            yield connection

    def create(self) -> None:
        """Create the schema."""
        with self.transaction() as connection:
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(self.schema)))

    def query(self, statement: str, values: Sequence[Any], limit_seconds: float | None = None) -> list[Any]:
        """Return the rows of a query; run it again on another connection if the first one is broken."""
        try:
            return self._query(statement, values, limit_seconds)
        except Exception as error:
            if not isinstance(error.__cause__, psycopg.OperationalError) or isinstance(error.__cause__, OutcomeUnknown):
                raise
            return self._query(statement, values, limit_seconds)

    def _query(self, statement: str, values: Sequence[Any], limit_seconds: float | None) -> list[Any]:
        with self.connection(limit_seconds) as connection:
            return query(connection, statement, values)


def query(connection: Connection, statement: str, values: Sequence[Any]) -> list[Any]:
    """Run a statement on PostgreSQL and return all its rows."""
    return connection.execute(with_placeholders(statement), values, binary=True).fetchall()


@lru_cache(maxsize=512)
def with_placeholders(statement: str) -> bytes:
    """Return the statement with psycopg's placeholders instead of `?`."""
    return statement.replace("?", "%s").encode()
