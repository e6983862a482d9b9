"""The event store of one service in one SQLite file: single node, every commit on disk when it returns."""

import fcntl
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from shared import codec
from shared.domain import AlreadyTaken, Meta
from shared.message import Message
from shared.store import (
    AlreadyHeard,
    Answer,
    Commit,
    Heard,
    KeySeen,
    NumberTaken,
    Parked,
    Recorded,
    Store,
    StoreError,
    Timer,
    VersionClash,
)

BUSY_SECONDS = 5.0
TABLES = """
CREATE TABLE IF NOT EXISTS incarnation (epoch TEXT NOT NULL, service TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY, aggregate BLOB NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL,
    recorded_at INTEGER NOT NULL, state BLOB NOT NULL, UNIQUE (aggregate, version));
CREATE TABLE IF NOT EXISTS published (
    position INTEGER PRIMARY KEY, previous INTEGER NOT NULL, type TEXT NOT NULL, aggregate_type TEXT NOT NULL,
    aggregate BLOB NOT NULL, version INTEGER NOT NULL, recorded_at INTEGER NOT NULL, meta BLOB NOT NULL,
    traceparent TEXT, digest TEXT NOT NULL, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS answers (
    caller TEXT, key TEXT, request TEXT NOT NULL, status INTEGER NOT NULL, headers BLOB NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (caller, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claims (
    name TEXT, value TEXT, owner BLOB NOT NULL, PRIMARY KEY (name, value)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS numbers (series TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heard (
    source TEXT PRIMARY KEY, epoch TEXT NOT NULL, position INTEGER NOT NULL, hint INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parked (
    source TEXT, epoch TEXT, sequence INTEGER, message BLOB NOT NULL, error TEXT NOT NULL, fingerprint TEXT NOT NULL,
    attempts INTEGER NOT NULL, parked_at INTEGER NOT NULL, PRIMARY KEY (source, epoch, sequence)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS timers (
    id INTEGER PRIMARY KEY, due_at INTEGER NOT NULL, kind TEXT NOT NULL, aggregate BLOB NOT NULL, note TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS timers_due ON timers (due_at);
"""
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_micros(at: datetime) -> int:
    return (at - BEGINNING) // MICROSECOND


def from_micros(micros: int) -> datetime:
    return BEGINNING + micros * MICROSECOND


class SqliteStore(Store):
    """WAL, `synchronous=FULL`; commands of all processes on this host take turns under one lock file."""

    def __init__(self, service: str, path: Path) -> None:
        self.service = service
        self.path = path
        self._local = threading.local()
        self._turn = threading.RLock()
        self._lock_file: int | None = None
        self._depth = 0
        self._epoch: str | None = None
        self._open: list[sqlite3.Connection] = []

    # -- connections and turns

    def _db(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = sqlite3.connect(
                self.path, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False, cached_statements=256
            )
            db.execute("PRAGMA synchronous=FULL")
            db.execute("PRAGMA cache_size=-8000")
            self._local.db = db
            self._open.append(db)
        return db

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        with self._turn:
            if self._lock_file is None:
                self._lock_file = os.open(f"{self.path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            if self._depth == 0:
                fcntl.flock(self._lock_file, fcntl.LOCK_EX)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    fcntl.flock(self._lock_file, fcntl.LOCK_UN)

    def guard(self, aggregate: UUID) -> None:
        """Commands already take turns."""

    def close(self) -> None:
        with self._turn:
            for db in self._open:
                db.close()
            self._open.clear()
            self._local = threading.local()
            if self._lock_file is not None:
                os.close(self._lock_file)
                self._lock_file = None

    # -- being prepared

    def migrate(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.exclusive():
            db = self._db()
            db.execute("PRAGMA journal_mode=WAL")
            db.executescript(f"BEGIN IMMEDIATE; {TABLES} COMMIT;")
            if db.execute("SELECT 1 FROM incarnation").fetchone() is None:
                db.execute("INSERT INTO incarnation VALUES (?, ?)", (secrets.token_hex(8), self.service))
        self.path.chmod(0o600)

    def check(self) -> None:
        if not self.path.exists():
            raise StoreError(f"there is no event store of {self.service} yet: run migrate first")
        db = self._db()
        mode = db.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = db.execute("PRAGMA synchronous").fetchone()[0]
        if (mode, synchronous) != ("wal", 2):
            raise StoreError(f"unsafe SQLite settings: journal {mode}, synchronous {synchronous}")
        owner = self._one("SELECT service FROM incarnation")
        if owner is None or owner[0] != self.service:
            raise StoreError(f"this is the event store of {owner and owner[0]}, not of {self.service}")

    @property
    def epoch(self) -> str:
        if self._epoch is None:
            row = self._one("SELECT epoch FROM incarnation")
            assert row is not None
            self._epoch = str(row[0])
        return self._epoch

    def writable(self) -> None:
        with self._reporting(), self.exclusive():
            db = self._db()
            db.execute("BEGIN IMMEDIATE")
            try:
                db.execute("UPDATE incarnation SET epoch=epoch")
            finally:
                db.execute("ROLLBACK")

    # -- the one transaction

    def commit(self, commit: Commit) -> list[Recorded]:
        with self._reporting(), self.exclusive():
            db = self._db()
            db.execute("BEGIN IMMEDIATE")
            try:
                stored = self._write(db, commit)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
        if stored:
            self.on_commit()
        return stored

    def _write(self, db: sqlite3.Connection, commit: Commit) -> list[Recorded]:
        if commit.answer:
            _once(db, KeySeen, "INSERT INTO answers VALUES (?,?,?,?,?,?)", _answer_row(commit.answer))
        self._check_unchanged(db, commit)
        self._take_numbers(db, commit)
        self._write_heard(db, commit)
        stored = self._write_events(db, commit)
        self._write_claims(db, commit)
        self._write_timers(db, commit)
        return stored

    def _check_unchanged(self, db: sqlite3.Connection, commit: Commit) -> None:
        for aggregate, version in commit.unchanged:
            newest = db.execute("SELECT max(version) FROM events WHERE aggregate=?", (aggregate.bytes,)).fetchone()[0]
            if newest != version:
                raise VersionClash(f"{aggregate} is at version {newest}, not {version}")

    def _take_numbers(self, db: sqlite3.Connection, commit: Commit) -> None:
        for series, (before, after) in commit.numbers.items():
            if before:
                numbers = (after, series, before)
                _compare_and_set(db, NumberTaken, "UPDATE numbers SET last=? WHERE series=? AND last=?", numbers)
            else:
                _once(db, NumberTaken, "INSERT INTO numbers VALUES (?,?)", (series, after))

    def _write_claims(self, db: sqlite3.Connection, commit: Commit) -> None:
        if commit.releases:
            db.executemany("DELETE FROM claims WHERE name=? AND value=?", commit.releases)
        for name, value, owner in commit.claims:
            try:
                db.execute("INSERT INTO claims VALUES (?,?,?)", (name, value, owner.bytes))
            except sqlite3.IntegrityError:
                raise AlreadyTaken(f"{value} is already taken", field=name.rpartition(".")[2]) from None

    def _write_timers(self, db: sqlite3.Connection, commit: Commit) -> None:
        if commit.timers:
            rows = [(to_micros(at), kind, aggregate.bytes, note) for at, kind, aggregate, note in commit.timers]
            db.executemany("INSERT INTO timers (due_at, kind, aggregate, note) VALUES (?,?,?,?)", rows)
        for fired in commit.fired:
            _compare_and_set(db, AlreadyHeard, "DELETE FROM timers WHERE id=?", (fired,))

    def _write_events(self, db: sqlite3.Connection, commit: Commit) -> list[Recorded]:
        if not commit.events:
            return []
        newest = db.execute("SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1").fetchone()
        head, last_at = newest or (0, 0)
        previous = db.execute("SELECT max(position) FROM published").fetchone()[0] or 0
        at = max(to_micros(datetime.now(UTC)), last_at)
        recorded_at = from_micros(at)
        stored, events, published = [], [], []
        for position, event in enumerate(commit.events, head + 1):
            key = event.aggregate.bytes
            events.append((position, key, event.version, event.type, at, event.state))
            stored.append(Recorded(position, event.aggregate, event.version, event.type, recorded_at, event.state))
            if event.said is not None:
                kind = event.type.rpartition(".")[0]
                digest = codec.digest(event.said)
                published.append(
                    (position, previous, event.said_type, kind, key, event.version, at,
                     event.meta, event.traceparent, digest, event.said)
                )  # fmt: skip
                previous = position
        try:
            db.executemany("INSERT INTO events VALUES (?,?,?,?,?,?)", events)
        except sqlite3.IntegrityError as clash:
            raise VersionClash(str(clash)) from None
        if published:
            db.executemany("INSERT INTO published VALUES (?,?,?,?,?,?,?,?,?,?,?)", published)
        return stored

    def _write_heard(self, db: sqlite3.Connection, commit: Commit) -> None:
        heard, before = commit.heard, commit.heard_before
        if heard and before:
            _compare_and_set(
                db,
                AlreadyHeard,
                "UPDATE heard SET epoch=?, position=?, hint=? WHERE source=? AND epoch=? AND position=?",
                (heard.epoch, heard.position, heard.hint, heard.source, before.epoch, before.position),
            )
        elif heard:
            row = (heard.source, heard.epoch, heard.position, heard.hint)
            _once(db, AlreadyHeard, "INSERT INTO heard VALUES (?,?,?,?)", row)
        for parked in commit.park:
            _once(db, AlreadyHeard, "INSERT INTO parked VALUES (?,?,?,?,?,?,?,?)", _parked_row(parked))
        for source, epoch, sequence in commit.unpark:
            _compare_and_set(
                db,
                AlreadyHeard,
                "DELETE FROM parked WHERE source=? AND epoch=? AND sequence=?",
                (source, epoch, sequence),
            )

    # -- reading

    def _all(self, question: str, values: Iterable[Any] = ()) -> list[Any]:
        with self._reporting():
            return self._db().execute(question, tuple(values)).fetchall()

    def _one(self, question: str, values: Iterable[Any] = ()) -> Any:
        with self._reporting():
            return self._db().execute(question, tuple(values)).fetchone()

    def events(self, aggregate: UUID, after_version: int = 0, until_position: int | None = None) -> list[Recorded]:
        question = "SELECT position, version, type, recorded_at, state FROM events WHERE aggregate=? AND version>?"
        values: list[Any] = [aggregate.bytes, after_version]
        if until_position is not None:
            question += " AND position<=?"
            values.append(until_position)
        return [
            Recorded(position, aggregate, version, kind, from_micros(at), state)
            for position, version, kind, at, state in self._all(f"{question} ORDER BY version", values)
        ]

    def log(
        self, after: int, limit: int, types: Sequence[str] | None = None, until: int | None = None
    ) -> list[Recorded]:
        question, values = "SELECT * FROM events WHERE position>?", [after]
        wanted: list[Any] = list(values)
        if until is not None:
            question += " AND position<=?"
            wanted.append(until)
        if types is not None:
            question += f" AND type IN ({','.join('?' * len(types))})"
            wanted.extend(types)
        rows = self._all(f"{question} ORDER BY position LIMIT ?", [*wanted, limit])
        return [
            Recorded(position, UUID(bytes=aggregate), version, kind, from_micros(at), state)
            for position, aggregate, version, kind, at, state in rows
        ]

    def head(self) -> int:
        return self._one("SELECT max(position) FROM events")[0] or 0

    def published(self, after: int, limit: int) -> list[Message]:
        rows = self._all("SELECT * FROM published WHERE position>? ORDER BY position LIMIT ?", (after, limit))
        return [self._message(row) for row in rows]

    def _message(self, row: Any) -> Message:
        position, previous, wire_type, kind, aggregate, version, at, stored_meta, traceparent, digest, data = row
        meta = codec.decode(stored_meta, Meta)
        return Message(
            self.service, self.epoch, position, previous, wire_type, kind, UUID(bytes=aggregate), version,
            meta.actor, meta.correlation, meta.causation, from_micros(at), meta.effective_on, data, digest, traceparent,
        )  # fmt: skip

    def published_head(self) -> int:
        return self._one("SELECT max(position) FROM published")[0] or 0

    def answer(self, caller: str, key: str) -> Answer | None:
        row = self._one("SELECT request, status, headers, body FROM answers WHERE caller=? AND key=?", (caller, key))
        return row and Answer(caller, key, row[0], row[1], codec.decode(row[2], dict[str, str]), row[3])

    def owner(self, name: str, value: str) -> UUID | None:
        row = self._one("SELECT owner FROM claims WHERE name=? AND value=?", (name, value))
        return row and UUID(bytes=row[0])

    def last_number(self, series: str) -> int:
        row = self._one("SELECT last FROM numbers WHERE series=?", (series,))
        return row[0] if row else 0

    def heard(self, source: str) -> Heard | None:
        row = self._one("SELECT * FROM heard WHERE source=?", (source,))
        return row and Heard(*row)

    def parked(self, source: str | None = None) -> list[Parked]:
        rows = self._all(
            "SELECT * FROM parked WHERE source=coalesce(?, source) ORDER BY source, epoch, sequence", (source,)
        )
        return [Parked(codec.decode(row[3], Message), row[4], row[5], row[6], from_micros(row[7])) for row in rows]

    def due(self, now: datetime, limit: int = 100) -> list[Timer]:
        rows = self._all("SELECT * FROM timers WHERE due_at<=? ORDER BY due_at, id LIMIT ?", (to_micros(now), limit))
        return [Timer(id_, from_micros(at), kind, UUID(bytes=key), note) for id_, at, kind, key, note in rows]

    def next_due(self) -> datetime | None:
        micros = self._one("SELECT min(due_at) FROM timers")[0]
        return None if micros is None else from_micros(micros)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as trouble:
            raise StoreError(f"the event store of {self.service} cannot do it now: {trouble}") from trouble


def _once(db: sqlite3.Connection, otherwise: type[Exception], statement: str, row: Sequence[Any]) -> None:
    try:
        db.execute(statement, row)
    except sqlite3.IntegrityError as there:
        raise otherwise(str(there)) from None


def _compare_and_set(db: sqlite3.Connection, otherwise: type[Exception], statement: str, values: Sequence[Any]) -> None:
    if db.execute(statement, values).rowcount != 1:
        raise otherwise(f"no longer so: {statement}")


def _answer_row(answer: Answer) -> tuple[Any, ...]:
    return (answer.caller, answer.key, answer.request, answer.status, codec.encode(answer.headers), answer.body)


def _parked_row(parked: Parked) -> tuple[Any, ...]:
    message = parked.message
    return (message.source, message.epoch, message.sequence, codec.encode(message), parked.error,
            parked.fingerprint, parked.attempts, to_micros(parked.parked_at))  # fmt: skip
