"""Open items: what a person books on a customer or supplier is owed, or is credit."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from services.erp.ledger.domain.journal_entry import EntryKind, JournalEntry, credit, debit
from services.erp.ledger.domain.manual_entry import LineDocument, OpeningBalanceLine, opening_postings
from services.erp.ledger.domain.open_amount import ExceedsOpenAmount
from services.erp.ledger.domain.write_off import WriteOffTooLarge
from services.erp.settlement.domain.open_item import (
    ItemSettled,
    NotCredit,
    NotOwed,
    OpenItem,
    OpenItemSide,
    Status,
    open_items,
)
from services.erp.settlement.domain.payment import Allocation, NotAllocated
from shared.domain import DatedBefore, InvalidInput, WrongStatus
from shared.testing import given, new_events
from tests.unit.erp.examples import CHART, CUSTOMER, MARCH_1, MARCH_5, MARCH_9, SUPPLIER, usd

INVOICE = uuid4()
Step = Callable[[OpenItem], Any]


def owed(*steps: Step) -> OpenItem:
    """A receivable of 100.00, booked on March 5."""
    item = OpenItem(uuid4(), 1, OpenItemSide.RECEIVABLE, CUSTOMER, usd("100.00"), MARCH_5, MARCH_1, "R-117")
    return given(item, *steps)


def credit_item(*steps: Step) -> OpenItem:
    """Credit of a customer of 100.00, booked on March 5."""
    return given(OpenItem(uuid4(), 1, OpenItemSide.RECEIVABLE, CUSTOMER, usd("-100.00"), MARCH_5, MARCH_5), *steps)


def paid(amount: str, on: date = MARCH_9) -> Step:
    return lambda item: item.settle(uuid4(), usd(amount), on)


def allocated(amount: str, on: date = MARCH_9) -> Step:
    return lambda item: item.allocate([Allocation(INVOICE, usd(amount))], on)


@pytest.mark.parametrize(
    ("item", "status", "still_open"),
    [
        (owed(), Status.OPEN, "100.00"),
        (owed(paid("40.00")), Status.PART_PAID, "60.00"),
        (owed(paid("40.00"), paid("60.00")), Status.PAID, "0.00"),
        (owed(paid("97.00"), lambda item: item.write_off(Decimal(5), MARCH_9, "small")), Status.PAID, "0.00"),
        (owed(paid("40.00"), lambda item: item.reopen(uuid4(), usd("40.00"), MARCH_9)), Status.OPEN, "100.00"),
        (owed(lambda item: item.reverse(MARCH_5)), Status.REVERSED, "0.00"),
        (credit_item(), Status.OPEN, "-100.00"),
        (credit_item(allocated("40.00")), Status.PART_PAID, "-60.00"),
        (credit_item(allocated("100.00")), Status.PAID, "0.00"),
        (credit_item(allocated("40.00"), lambda item: item.deallocate(INVOICE, MARCH_9)), Status.OPEN, "-100.00"),
    ],
)
def test_its_status_follows_from_what_is_open(item: OpenItem, status: Status, still_open: str) -> None:
    assert (item.status, item.open) == (status, usd(still_open))


@pytest.mark.parametrize(
    ("item", "command", "error"),
    [
        (owed(), paid("100.01"), ExceedsOpenAmount),
        (credit_item(), paid("1.00"), NotOwed),
        (owed(lambda item: item.reverse(MARCH_5)), paid("1.00"), NotOwed),
        (owed(), lambda item: item.write_off(Decimal(5), MARCH_9, "large"), WriteOffTooLarge),
        (credit_item(), lambda item: item.write_off(Decimal(500), MARCH_9, "credit"), NotOwed),
        (owed(), allocated("1.00"), NotCredit),
        (credit_item(), allocated("100.01"), ExceedsOpenAmount),
        (credit_item(allocated("1.00")), lambda item: item.deallocate(uuid4(), MARCH_9), NotAllocated),
        (owed(paid("1.00")), lambda item: item.require_unsettled(), ItemSettled),
        (credit_item(allocated("100.00")), lambda item: item.require_unsettled(), ItemSettled),
        (owed(paid("1.00")), lambda item: item.reverse(MARCH_9), WrongStatus),
    ],
)
def test_what_it_refuses_changes_nothing(item: OpenItem, command: Step, error: type[Exception]) -> None:
    with pytest.raises(error):
        command(item)
    assert new_events(item) == []


def test_it_is_not_reversed_before_a_settlement_that_was_undone() -> None:
    item = owed(paid("40.00"), lambda item: item.reopen(uuid4(), usd("40.00"), MARCH_9))
    with pytest.raises(DatedBefore, match="2026-03-09"):
        item.reverse(MARCH_5)
    item.reverse(MARCH_9)
    assert item.status == Status.REVERSED


def an_opening(*lines: OpeningBalanceLine) -> JournalEntry:
    return JournalEntry.post(EntryKind.OPENING, uuid4(), MARCH_5, opening_postings(lines, CHART), text="taken over")


def test_each_line_on_a_party_is_an_item_on_the_normal_side_of_its_account() -> None:
    lines = [
        OpeningBalanceLine(account="1000", amount=usd("9.00")),
        OpeningBalanceLine(account="1200", party=CUSTOMER, amount=usd("-80.00")),
        OpeningBalanceLine(account="2000", party=SUPPLIER, amount=usd("30.00"), document_number="L-7"),
        OpeningBalanceLine(account="2000", party=SUPPLIER, amount=usd("-5.00")),
    ]
    items = list(open_items(an_opening(*lines), lines))
    assert [(each.line, each.side, each.party_id, each.amount, each.document_number) for each in items] == [
        (2, "receivable", CUSTOMER, usd("-80.00"), None),
        (3, "payable", SUPPLIER, usd("30.00"), "L-7"),
        (4, "payable", SUPPLIER, usd("-5.00"), None),
    ]
    assert {each.text for each in items} == {"taken over"}


@pytest.mark.parametrize(
    ("document", "due_on"),
    [
        (LineDocument(), MARCH_5),
        (LineDocument(document_on=MARCH_1), MARCH_1),
        (LineDocument(due_on=MARCH_1), MARCH_1),
        (LineDocument(document_on=MARCH_1, due_on=MARCH_9), MARCH_9),
    ],
)
def test_it_is_due_at_once_unless_its_line_gives_a_day(document: LineDocument, due_on: date) -> None:
    [item] = open_items(an_opening(OpeningBalanceLine(account="1200", party=CUSTOMER, amount=usd("8.00"))), [document])
    assert (item.opened_on, item.due_on) == (MARCH_5, due_on)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (LineDocument(document_on=MARCH_9), "lines/0/document_on"),
        (LineDocument(document_on=MARCH_5, due_on=MARCH_1), "lines/0/document_on"),
    ],
)
def test_its_document_is_not_dated_after_its_entry_nor_after_its_due_date(document: LineDocument, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        list(open_items(an_opening(OpeningBalanceLine(account="1200", party=CUSTOMER, amount=usd("8.00"))), [document]))
    assert refused.value.field == field


def test_a_line_without_a_party_has_no_document() -> None:
    entry = JournalEntry.post(EntryKind.MANUAL, uuid4(), MARCH_5, [debit("6000", usd("1")), credit("1000", usd("1"))])
    with pytest.raises(InvalidInput, match="leave it out") as refused:
        list(open_items(entry, [LineDocument(), LineDocument(due_on=MARCH_9)]))
    assert refused.value.field == "lines/1/due_on"
