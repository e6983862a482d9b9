"""The event store of one service in a PostgreSQL schema: many processes on many machines, one log without gaps."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import psycopg
from psycopg import errors, sql

from shared.store import (
    Commit,
    ConcurrencyConflict,
    DuplicateIdempotencyKey,
    IdempotencyRecord,
    NewEvent,
    RecordedEvent,
    StoreError,
    postgres_connection,
)
from shared.store.combined_statement import CREATE_REQUIRE_FUNCTION
from shared.store.commit_plan import CommitPlan
from shared.store.event_store import EventStore
from shared.store.exclusive_transaction import ExclusiveTransaction
from shared.store.integrity import IntegrityKey
from shared.store.postgres_connection import OutcomeUnknown
from shared.store.postgres_durability import DurablePosition
from shared.store.postgres_pool import BUSY_SECONDS, PostgresPool, with_placeholders
from shared.store.sql import Values
from shared.store.tables import IDENTITY, POSTGRES, TABLES

MAX_CONNECTIONS = 16
IDLE_TRANSACTION_SECONDS = 10
LISTEN_TIMEOUT_SECONDS = 0.5
SIZE = """SELECT coalesce(sum(pg_total_relation_size(pg_class.oid)), 0) FROM pg_class
    JOIN pg_namespace ON pg_namespace.oid=relnamespace WHERE relkind='r' AND nspname=?"""
SAFE_SETTINGS = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply"),
}


class _Thread(threading.local):
    section: ExclusiveTransaction | None = None


class PostgresEventStore(EventStore):
    """Event store on PostgreSQL. Commits run one at a time under a table lock: positions ascend as they become visible.

    Commands on the same aggregate, idempotency key or number series are serialised from their
    first read. Autovacuum is off for the log, which only grows: it would delay the table lock.
    """

    notifies_of_commits = True
    COLUMNS = """SELECT column_name::text FROM information_schema.columns
        WHERE table_schema=current_schema() AND table_name=?"""

    def __init__(self, service: str, url: str, integrity_key: IntegrityKey) -> None:
        self.service, self.location, self.integrity_key = service, f"the PostgreSQL schema {service}", integrity_key
        self._channel = sql.Identifier(f"{service}_log")
        self._notify_statement = sql.SQL("NOTIFY {}; ").format(self._channel).as_bytes()
        self._thread = _Thread()
        self._pool = PostgresPool(url, service, self._translate_error, MAX_CONNECTIONS, IDLE_TRANSACTION_SECONDS)
        self._durable = DurablePosition(self._pool)

    # -- locks

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        if self._thread.section is not None:
            yield
            return
        with self._pool.connection() as connection:
            section = self._thread.section = ExclusiveTransaction(connection)
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
        self._pool.create()
        self.integrity_key.migrate(is_new_store=self._is_new())
        with self._pool.transaction() as connection:
            connection.execute((TABLES.format_map(POSTGRES) + CREATE_REQUIRE_FUNCTION).encode())
            connection.execute(with_placeholders(IDENTITY), self._identity())

    def check(self) -> None:
        for name, safe in SAFE_SETTINGS.items():
            setting = self._fetch_one("SELECT current_setting(?)", (name,))[0]
            if setting not in safe:
                raise StoreError(f"unsafe PostgreSQL setting: {name} is {setting}, set it to {safe[0]}")
        self._check_identity()

    def size_bytes(self) -> int:
        return int(self._fetch_one(SIZE, (self.service,))[0])

    def database_time(self) -> datetime:
        now: datetime = self._fetch_one("SELECT clock_timestamp()")[0]
        return now

    def checkpoint(self, *, is_last: bool = False) -> bool:
        """Do nothing: the server does it by itself."""
        return True

    @property
    def write_ahead_log_written_at(self) -> int:
        return 0

    def _write_nothing(self, *, commits: bool) -> None:
        connected = self._pool.connection(postgres_connection.CONFIRM_SECONDS)
        with connected as connection, connection.transaction(force_rollback=not commits):
            connection.execute("UPDATE store_identity SET epoch=epoch")

    # -- the one transaction

    def commit(self, commit: Commit) -> list[RecordedEvent]:
        self.require_not_suspended()
        with self.exclusive(), self._pool.errors:
            section, plan = self._thread.section, CommitPlan(commit, self.now(), self._sealer)
            assert section is not None
            try:
                log_end = section.write(plan, self._notify_statement if commit.events else b"")
                stored = plan.recorded_events(log_end)
            except OutcomeUnknown as error:
                raise StoreError(f"the outcome of the commit is unknown in {self.location}: {error}") from error
            except psycopg.Error as error:
                if not section.connection.closed:
                    raise
                stored = self._resolve_lost_commit(commit, section.backend_pid, error)
            finally:
                section.rollback()
        if stored:
            self._durable.advance(stored[-1].position)
            self.on_commit()
        return stored

    def write_all(self, statements: Sequence[tuple[str, Values]]) -> None:
        with self._pool.errors, self._pool.transaction(postgres_connection.COMMIT_SECONDS) as connection:
            for statement, values in statements:
                connection.execute(with_placeholders(statement), values)

    def _resolve_lost_commit(self, commit: Commit, backend_pid: int, error: psycopg.Error) -> list[RecordedEvent]:
        """End the session of a connection that broke during a commit; return the events if they are stored for good.

        What waits for a standby is waited for first: ending it would show what a failover loses. Raises
        DuplicateIdempotencyKey if the key is stored without the events, otherwise StoreError.
        """
        self._durable.require_all()
        with self._pool.connect() as connection:
            connection.execute("SELECT pg_terminate_backend(%s, %s)", (backend_pid, BUSY_SECONDS * 1000))
            self._thread.section = ExclusiveTransaction(connection)
            stored, record = self._stored_events(commit.events), commit.idempotency_record
            is_duplicate = not stored and record and super().get_idempotency_record(record.caller, record.key)
        self._durable.require_all()
        if stored:
            return stored
        if is_duplicate:
            raise DuplicateIdempotencyKey
        raise StoreError(f"the connection to {self.location} broke while committing: {error}") from error

    def _stored_events(self, events: Sequence[NewEvent]) -> list[RecordedEvent]:
        """Return these events as stored, or none of them."""
        first = self.events(events[0].aggregate, events[0].version - 1) if events else []
        stored = self.log(first[0].position - 1, len(events)) if first else []
        return stored if [*map(_content_of, stored)] == [*map(_content_of, events)] else []

    # -- reading; reads before a decision wait for concurrent decisions on the same key or series

    def get_idempotency_record(self, caller: str, key: str) -> IdempotencyRecord | None:
        self._lock(hashlib.sha256(f"answer {caller} {key}".encode()).digest())
        record = super().get_idempotency_record(caller, key)
        if record is not None:
            self._durable.require_all()
        return record

    def require_durable(self, position: int) -> None:
        """Outside a section only: what is decided inside is committed after all that was read."""
        if self._thread.section is None:
            self._durable.require(position)

    def last_number(self, series: str) -> int:
        self._lock(hashlib.sha256(f"number {series}".encode()).digest())
        return super().last_number(series)

    def _fetch_all(self, statement: str, values: Values = ()) -> list[Any]:
        section = self._thread.section
        if section is None:
            return self._pool.query(statement, values)
        with self._pool.errors:
            return section.query(statement, values)

    @staticmethod
    def _decode_id(stored: Any) -> UUID:
        assert isinstance(stored, UUID)
        return stored

    def listen(self, on_commit: Callable[[], object], is_stopped: Callable[[], bool]) -> None:
        """Call `on_commit` after each commit of any process, until stopped. Raises StoreError if disconnected."""
        with self._pool.errors, psycopg.connect(self._pool.url, autocommit=True) as connection:
            connection.execute(sql.SQL("LISTEN {}").format(self._channel))
            on_commit()
            while not is_stopped():
                for _ in connection.notifies(timeout=LISTEN_TIMEOUT_SECONDS, stop_after=1):
                    on_commit()

    def _translate_error(self, error: psycopg.Error) -> StoreError | ConcurrencyConflict:
        if isinstance(error, errors.DeadlockDetected | errors.SerializationFailure):
            return ConcurrencyConflict(str(error))
        if isinstance(error, errors.UndefinedTable | errors.InvalidSchemaName):
            return StoreError(f"there is no event store of {self.service} yet: run migrate first")
        return StoreError(f"the event store of {self.service} is unavailable: {error}")


_content_of = attrgetter("aggregate", "version", "type", "state")
