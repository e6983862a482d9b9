"""Databases of the stores under test, and writers in separate processes."""

import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from shared.codec import encode
from shared.domain import EventMetadata, UniqueValue
from shared.store import IdempotencyRecord, NewEvent, RecordedEvent, UniqueKey, unique_key
from shared.store.event_store import EventStore
from shared.store.integrity import IntegrityKey
from shared.store.postgres import PostgresEventStore
from shared.store.sqlite import SqliteEventStore

ROOT = Path(__file__).parents[3]


def open_at(address: str, service: str = "shop") -> EventStore:
    """Open a store at a path or at the URL of a PostgreSQL database."""
    return (
        PostgresEventStore(service, address, integrity_key(service))
        if address.startswith("postgres")
        else SqliteEventStore(service, Path(address), integrity_key(service))
    )


def integrity_key(service: str = "shop") -> IntegrityKey:
    """Return the key of a service: the same for all processes of a test."""
    return IntegrityKey(Path(tempfile.gettempdir()) / f"sihe-test-{service}.integrity")


@dataclass
class DatabaseFixture:
    """One database; `close` closes every store opened in it."""

    address: str
    stores: list[EventStore] = field(default_factory=list)

    def open(self, service: str = "shop", *, migrated: bool = True) -> EventStore:
        store = open_at(self.address, service)
        self.stores.append(store)
        if migrated:
            store.migrate()
        return store

    @property
    def on_sqlite(self) -> bool:
        return not self.address.startswith("postgres")

    def change(self, statement: str) -> None:
        """Change the database of the shop without the store."""
        if self.on_sqlite:
            with closing(sqlite3.connect(self.address)) as db:
                db.execute(statement)
                db.commit()
        else:
            with psycopg.connect(self.address, options="-c search_path=shop") as connection:
                connection.execute(statement.encode())

    def close(self) -> None:
        for each in self.stores:
            each.close()


def new_event(
    aggregate: UUID | None = None,
    version: int = 1,
    *,
    aggregate_type: str = "shop.Jar.Filled",
    published: str | None = None,
    text: str = "",
) -> NewEvent:
    """Return an event; with `published`, one that other services receive."""
    meta = encode(EventMetadata("anna", uuid4(), "command:1", date(2026, 1, 31)))
    state = b'{"meta":' + meta + b',"text":' + encode(text) + b"}"
    published_fields = ("shop.jar.filled.v1", published.encode(), meta, "00-trace-01") if published is not None else ()
    return NewEvent(aggregate or uuid4(), version, aggregate_type, state, *published_fields)


def stored_response(key: str = "key", body: bytes = b"{}", caller: str = "anna") -> IdempotencyRecord:
    return IdempotencyRecord(caller, key, f"request of {key}", 201, {"Location": "/jars/1"}, body)


def reserved(value: str, owner: UUID, name: str = "code") -> dict[UniqueKey, UniqueValue]:
    """Return the reservation of a value for an owner, as a part of a commit."""
    return {unique_key(name, value): UniqueValue(value, owner)}


def owner_of(store: EventStore, value: str, name: str = "code") -> UUID | None:
    """Return the owner of a value that is stored in this spelling."""
    stored = store.get_unique_value(unique_key(name, value))
    return stored.owner if stored is not None and stored.value == value else None


def positions(recorded: Iterable[RecordedEvent]) -> list[int]:
    return [each.position for each in recorded]


WRITER_PROLOGUE = """
import sys
from contextlib import suppress
from uuid import UUID, uuid4
from shared.store import Commit, ConcurrencyConflict, NumberSeriesConflict
from tests.integration.store.databases import new_event, open_at, reserved, stored_response
store = open_at(sys.argv[1])
"""


def start_writer(program: str, *arguments: str) -> "subprocess.Popen[str]":
    """Start a process that runs this program; its output can be read from `stdout`."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER_PROLOGUE + program, *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )


def wait_for_writers(writers: Sequence["subprocess.Popen[str]"]) -> list[str]:
    """Return the output of all writers after they have succeeded."""
    outputs = [each.communicate(timeout=600)[0] for each in writers]
    assert [each.returncode for each in writers] == [0] * len(writers)
    return outputs


NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
