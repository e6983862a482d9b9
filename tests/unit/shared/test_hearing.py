"""What holds when one service hears another: once, in order, nothing dropped."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from shared import codec
from shared.commands import Commands
from shared.contracts import crm
from shared.domain import Aggregate, UnitOfWork, event
from shared.message import Message
from shared.module import Module
from shared.service import Service
from shared.store import InboxPositionConflict
from shared.testing.services import open_service

EPOCH = "abababababababab"


class Desk(Aggregate):
    """Counts what it hears."""

    @classmethod
    def create_id(cls, order_id: UUID) -> UUID:
        return cls.derive_id(order_id)

    @event("Opened")
    def __init__(self, order_id: UUID) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self._noted(text=text)

    @event("Noted")
    def _noted(self, text: str) -> None:
        self.notes.append(text)


class Desks(Commands):
    def notes(self, order_id: UUID) -> list[str]:
        return self.uow.get(Desk, Desk.create_id(order_id)).notes


class Office(Service):
    """Listens to CRM; cannot stand the word poison while it is ill."""

    NAME = "office"
    modules = (Module("desks", commands=Desks),)
    ill = True


@Office.policies.when(crm.SalesOrderCancellationRequested)
def write_it_down(asked: crm.SalesOrderCancellationRequested, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Keep every reason."""
    if asked.reason == "poison" and Office.ill:
        raise ValueError("cannot digest this")
    desk = uow.get_or_create(Desk, order_id=asked.order_id)
    desk.note(asked.reason)
    yield desk


class Mouth:
    """Says things as CRM would."""

    def __init__(self) -> None:
        self.sequence = 0

    def says(self, order_id: UUID, reason: str) -> Message:
        told = crm.SalesOrderCancellationRequested(order_id, reason)
        previous, self.sequence = self.sequence, self.sequence + 3
        data = codec.encode(told)
        return Message(
            "crm", EPOCH, self.sequence, previous, told.wire_type(), "crm.SalesOrder", order_id, 1, "anna", uuid4(),
            "command:1", datetime.now(UTC), date(2026, 1, 2), data, codec.digest(data),
        )  # fmt: skip


@pytest.fixture
def office(tmp_path: Path) -> Office:
    Office.ill = True
    return open_service(Office, tmp_path)


def test_effects_and_position_are_stored_together(office: Office) -> None:
    mouth, order = Mouth(), uuid4()
    office.inbox("crm").apply([mouth.says(order, "first"), mouth.says(order, "second")], hint=2)
    assert office.desks.notes(order) == ["first", "second"]
    heard = office.store.get_inbox_position("crm")
    assert heard is not None
    assert (heard.epoch, heard.position, heard.hint) == (EPOCH, 6, 2)


def test_a_second_worker_that_believes_an_old_position_changes_nothing(office: Office) -> None:
    mouth, order = Mouth(), uuid4()
    sleeper, other = office.inbox("crm"), office.inbox("crm")
    message = mouth.says(order, "once")
    other.apply([message], hint=1)
    with pytest.raises(InboxPositionConflict):
        sleeper.apply([message], hint=1)
    assert office.desks.notes(order) == ["once"]
    sleeper.reload()
    assert sleeper.position == other.position


def test_a_reaction_continues_the_story_of_its_message(office: Office) -> None:
    mouth, order = Mouth(), uuid4()
    message = mouth.says(order, "why")
    office.inbox("crm").apply([message], hint=1)
    metas = [codec.decode_untyped(each.state)["meta"] for each in office.store.log(0, 10)]
    assert {meta["correlation_id"] for meta in metas} == {str(message.correlation_id)}
    assert {meta["causation_id"] for meta in metas} == {message.id}
    assert {(meta["actor"], meta["on_behalf_of"], meta["effective_on"]) for meta in metas} == {
        ("office", "anna", "2026-01-02")
    }


def test_whoever_began_it_is_named_however_many_services_are_between(office: Office) -> None:
    message = Mouth().says(uuid4(), "why")
    from_a_service = replace(message, actor="crm", on_behalf_of="anna")
    office.inbox("crm").apply([from_a_service], hint=1)
    metas = [codec.decode_untyped(each.state)["meta"] for each in office.store.log(0, 10)]
    assert {(meta["actor"], meta["on_behalf_of"]) for meta in metas} == {("office", "anna")}


def test_poison_is_parked_with_its_siblings_while_others_flow(office: Office) -> None:
    mouth, sick, healthy = Mouth(), uuid4(), uuid4()
    ear = office.inbox("crm")
    said = [(healthy, "a"), (sick, "poison"), (sick, "later"), (healthy, "b")]
    ear.apply([mouth.says(order, reason) for order, reason in said], hint=4)
    ear.apply([mouth.says(sick, "much later")], hint=5)
    assert office.desks.notes(healthy) == ["a", "b"]
    assert [each.message.sequence for each in office.store.parked_entries()] == [6, 9, 15]
    assert ear.position.sequence == 15


def test_a_redriven_parking_ends_as_if_nothing_had_happened(office: Office) -> None:
    mouth, sick = Mouth(), uuid4()
    ear = office.inbox("crm")
    ear.apply([mouth.says(sick, "poison"), mouth.says(sick, "later")], hint=2)
    Office.ill = False
    assert office.parked_messages.redrive("crm") == 2
    ear.apply([mouth.says(sick, "last")], hint=3)
    assert office.desks.notes(sick) == ["poison", "later", "last"]
    assert office.store.parked_entries() == []


def test_what_still_fails_stays_parked_in_order(office: Office) -> None:
    mouth, sick = Mouth(), uuid4()
    office.inbox("crm").apply([mouth.says(sick, "poison"), mouth.says(sick, "later")], hint=2)
    assert office.parked_messages.redrive("crm") == 0
    assert len(office.store.parked_entries()) == 2


def test_discarding_is_a_decision_with_a_reason(office: Office) -> None:
    mouth, sick = Mouth(), uuid4()
    office.inbox("crm").apply([mouth.says(sick, "poison")], hint=1)
    office.parked_messages.discard("crm", 3, "entered twice")
    assert office.store.parked_entries() == []
    last = office.store.log(0, 100)[-1]
    assert last.type == "shared.ParkedMessage.Discarded"
    assert codec.decode_untyped(last.state)["reason"] == "entered twice"


def test_an_unknown_version_of_a_known_word_is_parked_not_skipped(office: Office) -> None:
    message = Mouth().says(uuid4(), "x")
    newer = replace(message, type="crm.sales_order.cancellation_requested.v9")
    office.inbox("crm").apply([newer], hint=1)
    assert [each.message.type for each in office.store.parked_entries()] == [newer.type]


def test_an_altered_message_is_never_applied(office: Office) -> None:
    order = uuid4()
    message = Mouth().says(order, "x")
    forged = replace(message, data=message.data.replace(b'"x"', b'"y"'))
    office.inbox("crm").apply([forged], hint=1)
    [parked] = office.store.parked_entries()
    assert parked.error.startswith("DamagedMessage")


def test_words_nobody_listens_to_move_the_position_without_a_commit(office: Office) -> None:
    message = Mouth().says(uuid4(), "x")
    other = replace(message, type="crm.customer.registered.v1")
    ear = office.inbox("crm")
    ear.apply([other], hint=1)
    assert ear.position.sequence == other.sequence
    assert office.store.get_inbox_position("crm") is None
