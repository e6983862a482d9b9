"""Inbox: applies each message once and in order, parks those that fail, and drops none."""

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
    """Records the reasons of the received events."""

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
    """Consumes events of CRM; its policy fails for the reason `poison` while `is_failing` is set."""

    NAME = "office"
    modules = (Module("desks", commands=Desks),)
    is_failing = True


@Office.policies.when(crm.SalesOrderCancellationRequested)
def record_reason(requested: crm.SalesOrderCancellationRequested, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record the reason of every request."""
    if requested.reason == "poison" and Office.is_failing:
        raise ValueError("the reason is refused")
    desk = uow.get_or_create(Desk, order_id=requested.order_id)
    desk.note(requested.reason)
    yield desk


class MessageFactory:
    """Creates messages as CRM publishes them."""

    def __init__(self) -> None:
        self.sequence = 0

    def create(self, order_id: UUID, reason: str) -> Message:
        requested = crm.SalesOrderCancellationRequested(order_id, reason)
        previous, self.sequence = self.sequence, self.sequence + 3
        data = codec.encode(requested)
        return Message(
            "crm", EPOCH, self.sequence, previous, requested.wire_type(), "crm.SalesOrder", order_id, 1, "anna",
            uuid4(), "command:1", datetime.now(UTC), date(2026, 1, 2), data, codec.digest(data),
        )  # fmt: skip


@pytest.fixture
def office(tmp_path: Path) -> Office:
    Office.is_failing = True
    return open_service(Office, tmp_path)


def test_effects_and_position_are_stored_together(office: Office) -> None:
    messages, order = MessageFactory(), uuid4()
    office.inbox("crm").apply([messages.create(order, "first"), messages.create(order, "second")], hint=2)
    assert office.desks.notes(order) == ["first", "second"]
    stored = office.store.get_inbox_position("crm")
    assert stored is not None
    assert (stored.epoch, stored.position, stored.hint) == (EPOCH, 6, 2)


def test_a_second_worker_with_an_outdated_position_applies_no_message(office: Office) -> None:
    messages, order = MessageFactory(), uuid4()
    outdated, other = office.inbox("crm"), office.inbox("crm")
    message = messages.create(order, "once")
    other.apply([message], hint=1)
    with pytest.raises(InboxPositionConflict):
        outdated.apply([message], hint=1)
    assert office.desks.notes(order) == ["once"]
    outdated.reload()
    assert outdated.position == other.position


def test_events_of_a_policy_have_the_correlation_id_of_the_message(office: Office) -> None:
    messages, order = MessageFactory(), uuid4()
    message = messages.create(order, "why")
    office.inbox("crm").apply([message], hint=1)
    metas = [codec.decode_untyped(each.state)["meta"] for each in office.store.log(0, 10)]
    assert {meta["correlation_id"] for meta in metas} == {str(message.correlation_id)}
    assert {meta["causation_id"] for meta in metas} == {message.id}
    assert {(meta["actor"], meta["on_behalf_of"], meta["effective_on"]) for meta in metas} == {
        ("office", "anna", "2026-01-02")
    }


def test_the_original_actor_is_recorded_across_several_services(office: Office) -> None:
    message = MessageFactory().create(uuid4(), "why")
    from_a_service = replace(message, actor="crm", on_behalf_of="anna")
    office.inbox("crm").apply([from_a_service], hint=1)
    metas = [codec.decode_untyped(each.state)["meta"] for each in office.store.log(0, 10)]
    assert {(meta["actor"], meta["on_behalf_of"]) for meta in metas} == {("office", "anna")}


def test_a_failing_message_and_later_ones_of_its_aggregate_are_parked_and_others_applied(office: Office) -> None:
    messages, failing, healthy = MessageFactory(), uuid4(), uuid4()
    inbox = office.inbox("crm")
    sent = [(healthy, "a"), (failing, "poison"), (failing, "later"), (healthy, "b")]
    inbox.apply([messages.create(order, reason) for order, reason in sent], hint=4)
    inbox.apply([messages.create(failing, "much later")], hint=5)
    assert office.desks.notes(healthy) == ["a", "b"]
    assert [each.message.sequence for each in office.store.parked_entries()] == [6, 9, 15]
    assert inbox.position.sequence == 15


def test_redriven_messages_are_applied_in_order_and_no_longer_parked(office: Office) -> None:
    messages, failing = MessageFactory(), uuid4()
    inbox = office.inbox("crm")
    inbox.apply([messages.create(failing, "poison"), messages.create(failing, "later")], hint=2)
    Office.is_failing = False
    assert office.parked_messages.redrive("crm") == 2
    inbox.apply([messages.create(failing, "last")], hint=3)
    assert office.desks.notes(failing) == ["poison", "later", "last"]
    assert office.store.parked_entries() == []


def test_messages_that_fail_again_stay_parked(office: Office) -> None:
    messages, failing = MessageFactory(), uuid4()
    office.inbox("crm").apply([messages.create(failing, "poison"), messages.create(failing, "later")], hint=2)
    assert office.parked_messages.redrive("crm") == 0
    assert len(office.store.parked_entries()) == 2


def test_discarding_a_parked_message_stores_an_event_with_the_reason(office: Office) -> None:
    messages, failing = MessageFactory(), uuid4()
    office.inbox("crm").apply([messages.create(failing, "poison")], hint=1)
    office.parked_messages.discard("crm", 3, "entered twice")
    assert office.store.parked_entries() == []
    last = office.store.log(0, 100)[-1]
    assert last.type == "shared.ParkedMessage.Discarded"
    assert codec.decode_untyped(last.state)["reason"] == "entered twice"


def test_an_unknown_version_of_a_handled_event_is_parked(office: Office) -> None:
    message = MessageFactory().create(uuid4(), "x")
    newer = replace(message, type="crm.sales_order.cancellation_requested.v9")
    office.inbox("crm").apply([newer], hint=1)
    assert [each.message.type for each in office.store.parked_entries()] == [newer.type]


def test_a_message_that_does_not_match_its_digest_is_parked(office: Office) -> None:
    order = uuid4()
    message = MessageFactory().create(order, "x")
    forged = replace(message, data=message.data.replace(b'"x"', b'"y"'))
    office.inbox("crm").apply([forged], hint=1)
    [parked] = office.store.parked_entries()
    assert parked.error.startswith("DamagedMessage")


def test_a_message_without_a_policy_advances_the_position_without_a_commit(office: Office) -> None:
    message = MessageFactory().create(uuid4(), "x")
    other = replace(message, type="crm.customer.registered.v1")
    inbox = office.inbox("crm")
    inbox.apply([other], hint=1)
    assert inbox.position.sequence == other.sequence
    assert office.store.get_inbox_position("crm") is None
