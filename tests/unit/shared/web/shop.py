"""Shop that takes notes of orders: the smallest service that has every kind of command and query."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

from shared.commands import Commands
from shared.domain import Aggregate, DomainError, InvalidInput, NotYetAvailable, PersonalData, event, value_object
from shared.fields import Code
from shared.module import Module
from shared.money import Money
from shared.policies import PublishedEventMappings
from shared.projections import Projection, ResourceProjection, Rows, on
from shared.service import Service
from shared.store import StoreError
from shared.testing.services import open_service
from shared.testing.web import Client, create_client
from shared.web import (
    EffectiveDateSchema,
    ProblemError,
    Reply,
    Resource,
    Schema,
    accepts,
    commands_getter,
    created_reply,
    current_service,
    fields,
    json_reply,
    resource_reply,
)


@value_object
class Line:
    sku: str
    quantity: Decimal
    unit_price: Money


class EmptyNote(DomainError):
    """A note without lines cannot be placed."""


class Note(Aggregate):
    @event("Taken")
    def __init__(self, code: str, name: str, lines: tuple[Line, ...], email: PersonalData | None, total: Money) -> None:
        self.code = code
        self.name = name
        self.lines = lines
        self.email = email
        self.total = total
        self.placed_on: date | None = None

    def place(self, on: date) -> None:
        if not self.lines:
            raise EmptyNote("a note without lines")
        self._placed(on=on)

    @event("Placed")
    def _placed(self, on: date) -> None:
        self.placed_on = on

    @event("Renamed")
    def rename(self, name: str) -> None:
        self.name = name


class Notes(ResourceProjection):
    """All notes taken."""

    aggregate_class = Note
    columns: ClassVar = {
        "code": Code,
        "name": str,
        "total": Money,
        "placed_on": date | None,
        "open": bool,
        "lines_count": int,
    }
    search = ("code", "name")
    extra_fields: ClassVar = {"email": str, "lines": [{"sku": str, "quantity": Decimal, "unit_price": Money}]}

    @staticmethod
    def to_row(note: Note) -> dict[str, Any]:
        return {
            "code": note.code,
            "name": note.name,
            "email": note.email,
            "lines": note.lines,
            "total": note.total,
            "placed_on": note.placed_on,
            "open": note.placed_on is None,
            "lines_count": len(note.lines),
        }


class Renamings(Projection):
    """How often each note was renamed."""

    columns: ClassVar = {"note_id": UUID, "times": int}

    @on(Note.Renamed)
    def renamed(self, renamed: Any, rows: Rows) -> None:
        key = str(renamed.originator_id)
        times = rows.get(key, {"times": 0})["times"]
        rows[key] = {"note_id": renamed.originator_id, "times": times + 1}


published = PublishedEventMappings()


class NoteCommands(Commands):
    def take_note(
        self, code: str, name: str, lines: Any = (), email: str | None = None, currency: str = "USD", **_: Any
    ) -> Note:
        Shop.attempts += 1
        if name == "forbidden":
            raise ProblemError(403, "forbidden", "must not be taken")
        if name == "unknown" and Shop.attempts < Shop.known_after:
            raise NotYetAvailable("the event has not arrived yet")
        total = Money.sum((each["unit_price"] for each in lines), currency)
        note = Note(code, name, tuple(Line(**each) for each in lines), self.encrypt(uuid4(), email), total)
        self.uow.reserve_unique("code", code, note.id)
        return self.uow.save(note)

    def place_note(self, note_id: UUID) -> Note:
        note = self.uow.get(Note, note_id)
        note.place(self.effective_on)
        return self.uow.save(note)

    def rename_note(self, note_id: UUID, name: str) -> Note:
        note = self.uow.get(Note, note_id)
        if name == "bad":
            raise InvalidInput("is a bad name", field="name")
        note.rename(name)
        return self.uow.save(note)

    def erase_note(self, note_id: UUID) -> Note:
        note = self.uow.get(Note, note_id)
        assert note.email
        self.erase(note.email.subject)
        note.rename("erased")
        return self.uow.save(note)

    def wait_for_event(self) -> None:
        Shop.attempts += 1
        if Shop.attempts < Shop.known_after:
            raise NotYetAvailable("the event has not arrived yet")

    def break_down(self, how: str) -> None:
        if how == "store":
            raise StoreError("database is locked: /secret/path")
        raise RuntimeError(f"a secret of {Shop.NAME}")


class Shop(Service):
    NAME = "shop"
    modules = (Module("notes", commands=NoteCommands, published=published, projections=(Notes, Renamings)),)
    attempts = 0
    known_after = 1


commands = commands_getter(NoteCommands)
notes = Resource("notes", Notes, Renamings)
renamings = Resource("renamings", Renamings)


class NoteLine(Schema):
    sku = fields.Code(required=True)
    quantity = fields.Quantity(required=True)
    unit_price = fields.Money(required=True)


class TakeNote(Schema):
    code = fields.Code(max=20, required=True)
    name = fields.Text(max=60, multiline=True, required=True)
    currency = fields.Currency()
    email = fields.Email()
    taken_on = fields.EffectiveOn()
    lines = fields.List(fields.Nested(NoteLine))


class Rename(Schema):
    name = fields.Text(max=60, multiline=True, required=True)


class Break(Schema):
    how = fields.OneOf("store", "code", required=True)


class Since(Schema):
    since = fields.Date(required=True)


@notes.post("", sheets=True)
@accepts(TakeNote)
def take(body: dict[str, Any]) -> Reply:
    """Take a note. 201 with the note."""
    return created_reply(Notes, commands().take_note(**body))


@notes.post("/<uuid:note_id>/place")
@accepts(EffectiveDateSchema)
def place(note_id: UUID, body: dict[str, Any]) -> Reply:
    """Place a note."""
    del body
    return resource_reply(Notes, commands().place_note(note_id))


@notes.patch("/<uuid:note_id>")
@accepts(Rename)
def rename(note_id: UUID, body: dict[str, Any]) -> Reply:
    """Rename a note."""
    return resource_reply(Notes, commands().rename_note(note_id, **body))


@notes.post("/<uuid:note_id>/erase")
def erase(note_id: UUID) -> Reply:
    """Erase the personal data of a note."""
    return resource_reply(Notes, commands().erase_note(note_id))


@notes.post("/news")
def wait_for_event() -> Reply:
    """Wait for an event of another service."""
    commands().wait_for_event()
    return json_reply({"known": True})


@notes.post("/break")
@accepts(Break)
def break_down(body: dict[str, Any]) -> Reply:
    """Fail with an error of the store or of the code."""
    commands().break_down(**body)
    return json_reply({})


@notes.get("/figures")
@accepts(Since)
def figures(query: dict[str, Any]) -> Reply:
    """Count the renamed notes."""
    return json_reply({"since": query["since"], "renamed": current_service().reader_for(Renamings).count()})


notes.add_list("/<uuid:note_id>/renamings", Renamings)

RESOURCES = (notes, renamings)
notes.record_commands.module = "notes"
Shop.resources = RESOURCES


def open_shop(folder: Path) -> Shop:
    """Return a shop with new files in this folder."""
    Shop.attempts, Shop.known_after = 0, 1
    return open_service(Shop, folder)


def create_caller(shop: Shop, **options: Any) -> Client:
    """Return a client of the API of the shop."""
    return create_client(shop, RESOURCES, **options)


def a_note(**other: Any) -> dict[str, Any]:
    """Return the body of the command that takes a note."""
    line = {"sku": "BOLT-M8", "quantity": "10", "unit_price": {"amount": "0.25", "currency": "USD"}}
    return {"code": "N-1", "name": "Ann", "lines": [line], **other}


def take_notes(caller: Client, count: int) -> list[str]:
    """Take notes of rising total: N-00 costs 0, N-01 costs 1 …"""
    ids = []
    for number in range(count):
        line = {"sku": "A", "quantity": "1", "unit_price": {"amount": str(number), "currency": "USD"}}
        note = a_note(code=f"N-{number:02}", name=f"Ann {number % 3}", lines=[line])
        ids.append(caller.post("/notes", json=note).json["id"])
    return ids
