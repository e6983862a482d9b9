"""The event store of one service in a PostgreSQL schema: many processes on many machines, one log without gaps."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import Any
from uuid import UUID

import psycopg
from psycopg import errors, sql
from psycopg_pool import ConnectionPool

from shared.store import (
    Commit,
    ConcurrencyConflict,
    DuplicateIdempotencyKey,
    IdempotencyRecord,
    NewEvent,
    RecordedEvent,
    StoreError,
)
from shared.store.combined_statement import CREATE_REQUIRE_FUNCTION
from shared.store.commit_plan import CommitPlan
from shared.store.event_store import EventStore
from shared.store.exclusive_section import Connection, ExclusiveSection, query, with_placeholders
from shared.store.log_end import UNKNOWN_LOG_END
from shared.store.sql import Values, from_micros
from shared.store.tables import IDENTITY, POSTGRES, TABLES

MAX_CONNECTIONS = 16
BUSY_SECONDS = 5
IDLE_TRANSACTION_SECONDS = 10
LISTEN_TIMEOUT_SECONDS = 0.5
SAFE_SETTINGS = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_write", "remote_apply"),
}


class _Thread(threading.local):
    section: ExclusiveSection | None = None


class PostgresEventStore(EventStore):
    """Commits run one at a time under a table lock: positions ascend in the order in which commits become visible.

    Commands on the same aggregate, idempotency key or number series are serialised from their
    first read. Autovacuum is off for the log, which only grows: it would delay the table lock.
    """

    COLUMNS = """SELECT column_name::text FROM information_schema.columns
        WHERE table_schema=current_schema() AND table_name=?"""

    def __init__(self, service: str, url: str) -> None:
        self.service, self.location = service, f"the PostgreSQL schema {service}"
        self._url = url
        self._channel = sql.Identifier(f"{service}_log")
        self._notify_statement = sql.SQL("NOTIFY {}; ").format(self._channel).as_bytes()
        self._thread = _Thread()
        limits = f"-c lock_timeout={BUSY_SECONDS}s -c idle_in_transaction_session_timeout={IDLE_TRANSACTION_SECONDS}s"
        self._options = f"-c search_path={service} {limits}"
        kwargs = {"autocommit": True, "options": self._options}
        self._pool = ConnectionPool(
            url, min_size=1, max_size=MAX_CONNECTIONS, open=False, timeout=BUSY_SECONDS, kwargs=kwargs
        )

    # -- connections and locks

    @contextmanager
    def _pooled_connection(self) -> Iterator[Connection]:
        with self._translating_errors():
            if self._pool.closed:
                self._pool.open()
            connection = self._pool.getconn()
            try:
                yield connection
            finally:
                self._pool.putconn(connection)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        if self._thread.section is not None:
            yield
            return
        with self._pooled_connection() as connection:
            section = self._thread.section = ExclusiveSection(connection)
            try:
                yield
            finally:
                self._thread.section = None
                section.rollback()

    def lock_aggregate(self, aggregate: UUID) -> None:
        self._lock(aggregate.bytes)

    def _lock(self, key: bytes) -> None:
        section = self._thread.section
        if section is not None:
            section.request_lock(key)

    def close(self) -> None:
        self._pool.close()

    # -- preparation and checks

    def migrate(self) -> None:
        self._check_generation()
        with self._pooled_connection() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"migrate {self.service}",))
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(self.service)))
            connection.execute((TABLES.format_map(POSTGRES) + CREATE_REQUIRE_FUNCTION).encode())
            connection.execute(with_placeholders(IDENTITY), self._identity())

    def check(self) -> None:
        for name, safe in SAFE_SETTINGS.items():
            setting = self._fetch_one("SELECT current_setting(?)", (name,))[0]
            if setting not in safe:
                raise StoreError(f"unsafe PostgreSQL setting: {name} is {setting}, set it to {safe[0]}")
        self._check_identity()

    def require_writable(self) -> None:
        with self._pooled_connection() as connection, connection.transaction(force_rollback=True):
            connection.execute("UPDATE store_identity SET epoch=epoch")

    # -- the one transaction

    def commit(self, commit: Commit) -> list[RecordedEvent]:
        with self.exclusive():
            section = self._thread.section
            assert section is not None
            try:
                stored = self._write(section, commit)
            finally:
                section.rollback()
        if stored:
            self.on_commit()
        return stored

    def _write(self, section: ExclusiveSection, commit: Commit) -> list[RecordedEvent]:
        plan = CommitPlan(commit, self.now())
        steps = list(plan.steps(UNKNOWN_LOG_END))
        with self._translating_errors():
            try:
                return plan.recorded_events(section.write(steps, self._notify_statement if commit.events else b""))
            except psycopg.Error as error:
                if not section.is_broken:
                    raise
                return self._resolve_lost_commit(commit, section.backend_pid, error)

    def _resolve_lost_commit(self, commit: Commit, backend_pid: int, error: psycopg.Error) -> list[RecordedEvent]:
        """End the session of a connection that broke during a commit; return the events if they are stored.

        Raises DuplicateIdempotencyKey if the key is stored without them, otherwise StoreError.
        """
        with psycopg.connect(self._url, autocommit=True, options=self._options) as connection:
            connection.execute("SELECT pg_terminate_backend(%s, %s)", (backend_pid, BUSY_SECONDS * 1000))
            if stored := _stored_events(connection, commit.events):
                return stored
            if commit.idempotency_record and _has_idempotency_key(connection, commit.idempotency_record):
                raise DuplicateIdempotencyKey
        raise StoreError(f"the connection to {self.location} broke while committing: {error}") from error

    # -- reading; reads before a decision wait for concurrent decisions on the same key or series

    def get_idempotency_record(self, caller: str, key: str) -> IdempotencyRecord | None:
        self._lock(hashlib.sha256(f"answer {caller} {key}".encode()).digest())
        return super().get_idempotency_record(caller, key)

    def last_number(self, series: str) -> int:
        self._lock(hashlib.sha256(f"number {series}".encode()).digest())
        return super().last_number(series)

    def _fetch_all(self, statement: str, values: Values = ()) -> list[Any]:
        section = self._thread.section
        if section is not None:
            with self._translating_errors():
                return section.query(statement, values)
        try:
            return self._query(statement, values)
        except StoreError as error:
            if not isinstance(error.__cause__, psycopg.OperationalError):
                raise
            return self._query(statement, values)

    def _query(self, statement: str, values: Values) -> list[Any]:
        with self._pooled_connection() as connection:
            return query(connection, statement, values)

    @staticmethod
    def _decode_id(stored: Any) -> UUID:
        assert isinstance(stored, UUID)
        return stored

    def listen(self, on_commit: Callable[[], object], is_stopped: Callable[[], bool]) -> None:
        """Call `on_commit` after each commit of any process, until stopped. Raises StoreError if disconnected."""
        with self._translating_errors(), psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(sql.SQL("LISTEN {}").format(self._channel))
            on_commit()
            while not is_stopped():
                for _ in connection.notifies(timeout=LISTEN_TIMEOUT_SECONDS, stop_after=1):
                    on_commit()

    @contextmanager
    def _translating_errors(self) -> Iterator[None]:
        try:
            yield
        except (errors.DeadlockDetected, errors.SerializationFailure) as error:
            raise ConcurrencyConflict(str(error)) from error
        except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
            raise StoreError(f"there is no event store of {self.service} yet: run migrate first") from error
        except psycopg.Error as error:
            raise StoreError(f"the event store of {self.service} is unavailable: {error}") from error


_content_of = attrgetter("aggregate", "version", "type", "state")


def _stored_events(connection: Connection, events: Sequence[NewEvent]) -> list[RecordedEvent]:
    """Return these events as stored, or none of them."""
    if not events:
        return []
    statement = """SELECT position, aggregate, version, type, recorded_at, state FROM events
        WHERE position >= (SELECT position FROM events WHERE aggregate=? AND version=?) ORDER BY position LIMIT ?"""
    rows = query(connection, statement, (events[0].aggregate, events[0].version, len(events)))
    stored = [RecordedEvent(row[0], row[1], row[2], row[3], from_micros(row[4]), row[5]) for row in rows]
    return stored if [*map(_content_of, stored)] == [*map(_content_of, events)] else []


def _has_idempotency_key(connection: Connection, record: IdempotencyRecord) -> bool:
    statement = "SELECT 1 FROM stored_responses WHERE caller=%s AND key=%s"
    return connection.execute(statement, (record.caller, record.key)).fetchone() is not None
