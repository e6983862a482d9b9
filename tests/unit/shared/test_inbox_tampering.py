"""Inbox positions and parked messages that another program rewrote have no effect, and an alarm names them."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from shared.bus.blocking_calls import run_inline
from shared.store import Commit, InboxPosition, InboxPositionConflict
from shared.store.integrity import IntegrityFailure
from shared.testing.services import open_service
from shared.worker.chain_task import ChainTask
from tests.unit.shared.test_inbox import EPOCH, MessageFactory, Office

pytestmark = pytest.mark.case("X22")

NEW_EPOCH = "cdcdcdcdcdcdcdcd"


class Received:
    """An office that has applied two orders of CRM and parked two messages; a copy of its tables from before."""

    def __init__(self, folder: Path) -> None:
        Office.is_failing = True
        self.office = open_service(Office, folder)
        self.messages, self.healthy, self.failing = MessageFactory(), uuid4(), uuid4()
        self.apply(self.healthy, "first")
        self.change("CREATE TABLE earlier AS SELECT * FROM inbox_positions")
        self.apply(self.failing, "poison")
        self.apply(self.failing, "later")
        self.change("CREATE TABLE earlier_parked AS SELECT * FROM parked_messages")
        self.apply(self.healthy, "second")

    def apply(self, order: UUID, reason: str) -> None:
        self.office.inbox("crm").apply([self.messages.create(order, reason)], hint=1)

    def change(self, statement: str) -> None:
        self.office.store.write_all([(each, ()) for each in statement.split(";")])

    def alarm(self) -> str | None:
        check = ChainTask(self.office.chain, run_inline)
        check.verify_all()
        return check.failure


@pytest.fixture
def received(tmp_path: Path) -> Received:
    return Received(tmp_path)


def test_what_the_inbox_wrote_agrees_with_the_log(received: Received) -> None:
    assert received.alarm() is None
    Office.is_failing = False
    assert received.office.parked_messages.redrive("crm") == 2
    assert received.alarm() is None


def test_a_source_that_begins_a_new_epoch_agrees_with_the_log(received: Received) -> None:
    """An operator decides that; the service writes the position of the new epoch."""
    previous, begun = received.office.store.get_inbox_position("crm"), InboxPosition("crm", NEW_EPOCH, 1, 1)
    received.office.store.commit(Commit(inbox_position=begun, previous_inbox_position=previous))
    assert received.alarm() is None


POSITION = "inbox position of crm"
PARKED = "parked message 6 of crm"
COUNT = "messages are parked, but"
CHANGES = {
    "a position that skips messages": ("UPDATE inbox_positions SET position=position+3", POSITION),
    "a position moved back": ("UPDATE inbox_positions SET position=position-3", POSITION),
    "an earlier position with its seal": (
        "DELETE FROM inbox_positions; INSERT INTO inbox_positions SELECT * FROM earlier",
        f"the inbox position of crm:{EPOCH} is 3, but 12 or higher by the events",
    ),
    "a deleted position": ("DELETE FROM inbox_positions", f"the inbox position of crm:{EPOCH} is 0, but 12"),
    "another epoch": (f"UPDATE inbox_positions SET epoch='{NEW_EPOCH}'", POSITION),
    "a position without a seal": ("UPDATE inbox_positions SET mac=x''", POSITION),
    "another parked message": (
        "UPDATE parked_messages SET message=CAST(replace(CAST(message AS TEXT), 'anna', 'mary') AS BLOB)",
        PARKED,
    ),
    "another error": ("UPDATE parked_messages SET error='typing error'", PARKED),
    "a forged parked message": (
        """INSERT INTO parked_messages SELECT source, epoch, 5, message, error, fingerprint, attempts, parked_at, mac
            FROM parked_messages WHERE sequence=6""",
        "parked message 5 of crm",
    ),
    "a deleted parked message": ("DELETE FROM parked_messages WHERE sequence=6", COUNT),
}


@pytest.mark.parametrize(("statement", "expected"), CHANGES.values(), ids=CHANGES)
def test_a_changed_row_is_found_and_named(received: Received, statement: str, expected: str) -> None:
    received.change(statement)
    assert expected in (received.alarm() or "none")


def test_an_applied_message_that_is_parked_again_is_found_and_not_applied(received: Received) -> None:
    Office.is_failing = False
    received.office.parked_messages.redrive("crm")
    received.change("INSERT INTO parked_messages SELECT * FROM earlier_parked")
    assert "2 messages are parked, but 0 by the events" in (received.alarm() or "none")
    assert received.office.parked_messages.redrive("crm") == 0
    assert received.office.desks.notes(received.failing) == ["poison", "later"]


@pytest.mark.parametrize("name", ["a position that skips messages", "another epoch", "another parked message"])
def test_no_message_is_applied_after_a_change(received: Received, name: str) -> None:
    received.change(CHANGES[name][0])
    notes = list(received.office.desks.notes(received.healthy))
    refused: tuple[type[Exception], ...] = (InboxPositionConflict, IntegrityFailure)
    with pytest.raises(refused):
        received.apply(received.healthy, "third")
    with pytest.raises(IntegrityFailure):
        received.office.inbox("crm").reload()
    assert received.office.desks.notes(received.healthy) == notes


USES: dict[str, Callable[[Office], object]] = {
    "redriven": lambda office: office.parked_messages.redrive("crm"),
    "discarded": lambda office: office.parked_messages.discard("crm", 6, "entered twice"),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_changed_parked_message_is_neither_applied_nor_discarded(
    received: Received, use: Callable[[Office], object]
) -> None:
    received.change(CHANGES["another parked message"][0])
    Office.is_failing = False
    with pytest.raises(IntegrityFailure, match="was not written by the service"):
        use(received.office)
