"""A small service for the measurements of shared code: a note with lines."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from shared.commands import Commands
from shared.contracts import crm
from shared.domain import Aggregate, UnitOfWork, event, value_object
from shared.key_store import KeyStore
from shared.module import Module
from shared.money import Money
from shared.projections import Projection, Rows, on
from shared.service import Service
from shared.store.event_store import EventStore
from shared.store.integrity import IntegrityKey
from shared.store.sqlite import SqliteEventStore


@value_object
class NoteLine:
    """A line of a note, about as large as a line of an order."""

    sku: str
    quantity: Decimal
    unit_price: Money


LINES = tuple(NoteLine(f"SKU-{n}", Decimal(n), Money("12.50", "USD")) for n in (1, 2, 3))


class BenchNote(Aggregate):
    """A note that is written and then read several times."""

    @classmethod
    def create_id(cls, order_id: UUID) -> UUID:
        return cls.derive_id(order_id)

    @event("Written")
    def __init__(self, order_id: UUID, lines: tuple[NoteLine, ...]) -> None:
        self.order_id, self.lines, self.reads = order_id, lines, 0

    def read(self, by: str) -> None:
        self._read(by=by)

    @event("Read")
    def _read(self, by: str) -> None:
        self.reads += 1


class NotesRead(Projection):
    """One row per reading."""

    version: ClassVar[int] = 1

    @on(BenchNote.Read)
    def read(self, read: BenchNote.Read, rows: Rows) -> None:
        rows[f"{read.originator_id}/{read.originator_version}"] = {"by": read.by}


class NoteCommands(Commands):
    def write(self, order_id: UUID) -> BenchNote:
        """Run a typical command: a new aggregate, a unique value, a number."""
        note = BenchNote(order_id, LINES)
        self.uow.reserve_unique("note", str(order_id), note.id)
        self.uow.next_number("notes")
        return self.uow.save(note)


class Notes(Service):
    """Writes notes by command and by a policy on events of CRM."""

    NAME = "bench"
    modules = (Module("notes", commands=NoteCommands, projections=(NotesRead,)),)


@Notes.published.after(BenchNote.Written)
def note_written(written: BenchNote.Written, note: BenchNote) -> crm.SalesOrderCancellationRequested:
    """Publish an event for each note."""
    return crm.SalesOrderCancellationRequested(note.order_id, "a reason of usual length")


@Notes.policies.when(crm.SalesOrderCancellationRequested)
def write_and_read_twice(requested: crm.SalesOrderCancellationRequested, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Create an aggregate with three events for each message."""
    note = uow.get_or_create(BenchNote, order_id=requested.order_id, lines=LINES)
    note.read("anna")
    note.read("bert")
    yield note


def open_notes(store: EventStore, folder: Path) -> Notes:
    """Return the service over a store of any kind; its encryption keys are in the folder."""
    return Notes(store, KeyStore(folder / "keys.db"), secret=b"bench")


def migrate(service: Notes) -> None:
    """Create the tables of the service."""
    service.store.migrate()
    service.key_store.migrate()


def open_sqlite_notes(folder: Path, name: str = Notes.NAME) -> Notes:
    """Return the service over a new SQLite store, with the given name."""
    folder.mkdir(parents=True, exist_ok=True)
    service = open_notes(SqliteEventStore(name, folder / "events.db", IntegrityKey(folder / "integrity")), folder)
    service.NAME = name  # type: ignore[misc]
    migrate(service)
    return service
