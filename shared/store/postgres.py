"""The event store of one service in a PostgreSQL schema: many processes on many machines, one log without holes."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg import errors, sql
from psycopg_pool import ConnectionPool

from shared.store import Answer, Commit, KeySeen, NewEvent, Recorded, StoreError, VersionClash
from shared.store.section import Connection, Section, ask, marked
from shared.store.sql import SqlStore, Values, from_micros
from shared.store.tables import IDENTITY, POSTGRES, TABLES
from shared.store.together import REQUIRE
from shared.store.writing import UNSEEN, Writing

CONNECTIONS = 16
BUSY_SECONDS = 5
ASLEEP_SECONDS = 10
LISTENING_SECONDS = 0.5
SAFE = {"fsync": ("on",), "full_page_writes": ("on",), "synchronous_commit": ("on", "remote_write", "remote_apply")}


class PostgresStore(SqlStore):
    """Commits take turns under a table lock, so that positions ascend in the order in which commits become visible.

    Those who decide about the same aggregate, key or series of numbers take turns from the
    first look at it. Vacuum is kept off the log, which only grows: it would hold up the lock.
    """

    COLUMNS = """SELECT column_name::text FROM information_schema.columns
        WHERE table_schema=current_schema() AND table_name=?"""

    def __init__(self, service: str, url: str) -> None:
        self.service, self.location = service, f"the PostgreSQL schema {service}"
        self._url = url
        self._channel = sql.Identifier(f"{service}_log")
        self._telling = sql.SQL("NOTIFY {}; ").format(self._channel).as_bytes()
        self._local = threading.local()
        limits = f"-c lock_timeout={BUSY_SECONDS}s -c idle_in_transaction_session_timeout={ASLEEP_SECONDS}s"
        self._options = f"-c search_path={service} {limits}"
        kwargs = {"autocommit": True, "options": self._options}
        self._pool = ConnectionPool(
            url, min_size=1, max_size=CONNECTIONS, open=False, timeout=BUSY_SECONDS, kwargs=kwargs
        )

    # -- connections and turns

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with self._reporting():
            if self._pool.closed:
                self._pool.open()
            connection = self._pool.getconn()
        try:
            yield connection
        finally:
            self._pool.putconn(connection)

    @property
    def _section(self) -> Section | None:
        """The exclusive section this thread is in."""
        section: Section | None = getattr(self._local, "section", None)
        return section

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        if self._section is not None:
            yield
            return
        with self._connected() as connection:
            section = self._local.section = Section(connection)
            try:
                yield
            finally:
                self._local.section = None
                section.leave()

    def guard(self, aggregate: UUID) -> None:
        self._take_turns(aggregate.bytes)

    def _take_turns(self, about: bytes) -> None:
        section = self._section
        if section is not None:
            section.take_turns(about)

    def close(self) -> None:
        self._pool.close()

    # -- being prepared

    def migrate(self) -> None:
        self._check_generation()
        with self._connected() as connection, self._reporting(), connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"migrate {self.service}",))
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(self.service)))
            connection.execute((TABLES.format_map(POSTGRES) + REQUIRE).encode())
            connection.execute(marked(IDENTITY), self._identity())

    def check(self) -> None:
        for name, safe in SAFE.items():
            setting = self._one("SELECT current_setting(?)", (name,))[0]
            if setting not in safe:
                raise StoreError(f"unsafe PostgreSQL setting: {name} is {setting}, make it {safe[0]}")
        self._check_identity()

    def writable(self) -> None:
        with self._connected() as connection, self._reporting(), connection.transaction(force_rollback=True):
            connection.execute("UPDATE store_identity SET epoch=epoch")

    # -- the one transaction

    def commit(self, commit: Commit) -> list[Recorded]:
        with self.exclusive():
            section = self._section
            assert section is not None
            try:
                stored = self._write(section, commit)
            finally:
                section.leave()
        if stored:
            self.on_commit()
        return stored

    def _write(self, section: Section, commit: Commit) -> list[Recorded]:
        writing = Writing(commit, self.now())
        steps = list(writing.steps(UNSEEN))
        with self._reporting():
            try:
                return writing.stored(section.write(steps, self._telling if commit.events else b""))
            except psycopg.Error as cut:
                if not section.broken:
                    raise
                return self._find_out(commit, section.session, cut)

    def _find_out(self, commit: Commit, lost: int, cut: psycopg.Error) -> list[Recorded]:
        """The connection broke while committing: end the lost session for good, then look what became of it.

        Raises KeySeen if a twin was first, and StoreError unless all of it is known to be stored.
        """
        with psycopg.connect(self._url, autocommit=True, options=self._options) as connection:
            connection.execute("SELECT pg_terminate_backend(%s, %s)", (lost, BUSY_SECONDS * 1000))
            if stored := _found(connection, commit.events):
                return stored
            if commit.answer and _key_is_there(connection, commit.answer):
                raise KeySeen
        raise StoreError(f"the event store of {self.service} was lost while committing: {cut}") from cut

    # -- reading; what is asked before a decision also waits for those who are deciding about the same

    def answer(self, caller: str, key: str) -> Answer | None:
        self._take_turns(hashlib.sha256(f"answer {caller} {key}".encode()).digest())
        return super().answer(caller, key)

    def last_number(self, series: str) -> int:
        self._take_turns(hashlib.sha256(f"number {series}".encode()).digest())
        return super().last_number(series)

    def _all(self, question: str, values: Values = ()) -> list[Any]:
        section = self._section
        if section is not None:
            with self._reporting():
                return section.ask(question, values)
        try:
            return self._ask(question, values)
        except StoreError as trouble:
            if not isinstance(trouble.__cause__, psycopg.OperationalError):
                raise
            return self._ask(question, values)

    def _ask(self, question: str, values: Values) -> list[Any]:
        with self._connected() as connection, self._reporting():
            return ask(connection, question, values)

    @staticmethod
    def _id(stored: Any) -> UUID:
        assert isinstance(stored, UUID)
        return stored

    def listen(self, told: Callable[[], object], stopped: Callable[[], bool]) -> None:
        """Call `told` after each commit of any process, until `stopped`. Raises StoreError when cut off."""
        with self._reporting(), psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(sql.SQL("LISTEN {}").format(self._channel))
            told()
            while not stopped():
                for _ in connection.notifies(timeout=LISTENING_SECONDS, stop_after=1):
                    told()

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except (errors.DeadlockDetected, errors.SerializationFailure) as clash:
            raise VersionClash(str(clash)) from clash
        except (errors.UndefinedTable, errors.InvalidSchemaName) as missing:
            raise StoreError(f"there is no event store of {self.service} yet: run migrate first") from missing
        except psycopg.Error as trouble:
            raise StoreError(f"the event store of {self.service} cannot do it now: {trouble}") from trouble


def _found(connection: Connection, events: Sequence[NewEvent]) -> list[Recorded]:
    """These very events as they are stored, if they are."""
    if not events:
        return []
    rows = ask(
        connection,
        """SELECT position, aggregate, version, type, recorded_at, state FROM events
        WHERE position >= (SELECT position FROM events WHERE aggregate=? AND version=?) ORDER BY position LIMIT ?""",
        (events[0].aggregate, events[0].version, len(events)),
    )
    wanted = [(each.aggregate, each.version, each.type, each.state) for each in events]
    found = [Recorded(row[0], row[1], row[2], row[3], from_micros(row[4]), row[5]) for row in rows]
    return found if [(each.aggregate, each.version, each.type, each.state) for each in found] == wanted else []


def _key_is_there(connection: Connection, answer: Answer) -> bool:
    question = "SELECT 1 FROM stored_responses WHERE caller=%s AND key=%s"
    return connection.execute(question, (answer.caller, answer.key)).fetchone() is not None
