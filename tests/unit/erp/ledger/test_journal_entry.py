"""What is booked is balanced, once, and for ever."""

from datetime import date
from uuid import uuid4

import pytest

from services.erp.ledger.domain.accounting_periods import AccountingPeriods
from services.erp.ledger.domain.books import Books
from services.erp.ledger.domain.journal_entry import (
    EntryKind,
    JournalEntry,
    NotReversible,
    Posting,
    Unbalanced,
    UnknownAccount,
    credit,
    debit,
)
from shared.money import Money
from shared.testing import new_events
from tests.unit.erp.examples import CHART

DOCUMENT, CUSTOMER = uuid4(), uuid4()
ON, LATER = date(2026, 3, 1), date(2026, 3, 9)


def money(amount: str, currency: str = "USD") -> Money:
    return Money(amount, currency)


def a_payment() -> JournalEntry:
    postings = debit("1000", money("12.50")), credit("1200", money("12.50"), CUSTOMER)
    return JournalEntry.post(EntryKind.PAYMENT, DOCUMENT, ON, postings)


def test_an_entry_keeps_both_sides():
    nothing = money("0")
    assert new_events(a_payment()) == [
        ("Posted", {
            "kind": EntryKind.PAYMENT, "document_id": DOCUMENT, "posted_on": ON, "dated_on": ON,
            "reverses_entry_id": None, "text": None, "entity": "main", "document_number": None,
            "postings": (
                Posting("1000", money("12.50"), nothing), Posting("1200", nothing, money("12.50"), CUSTOMER),
            ),
        }),
    ]  # fmt: skip


def test_a_negative_amount_is_posted_on_the_other_side():
    assert debit("5000", money("-2.00")) == credit("5000", money("2.00"))
    assert credit("1400", money("-2.00")) == Posting("1400", money("2.00"), money("0"))


def test_postings_of_zero_are_left_out():
    entry = JournalEntry.post(
        EntryKind.INVOICE,
        DOCUMENT,
        ON,
        [debit("1200", money("5")), credit("4000", money("5")), credit("4100", money("0"))],
    )
    assert [each.account for each in entry.postings] == ["1200", "4000"]


def test_an_entry_that_does_not_balance_is_refused():
    with pytest.raises(Unbalanced):
        JournalEntry.post(
            EntryKind.INVOICE, DOCUMENT, ON, [debit("1200", money("5.00")), credit("4000", money("4.99"))]
        )


def test_an_entry_balances_in_each_currency():
    crossed = [debit("1200", money("5")), credit("4000", money("5", "EUR"))]
    with pytest.raises(Unbalanced):
        JournalEntry.post(EntryKind.INVOICE, DOCUMENT, ON, crossed)
    both = [*crossed, debit("1200", money("5", "EUR")), credit("4000", money("5"))]
    assert JournalEntry.post(EntryKind.INVOICE, DOCUMENT, ON, both).postings == tuple(both)


def test_an_unknown_account_is_refused():
    books = Books(CHART, AccountingPeriods())
    with pytest.raises(UnknownAccount) as refused:
        list(books.post(EntryKind.INVOICE, DOCUMENT, ON, [debit("1200", money("5")), credit("4999", money("5"))]))
    assert refused.value.field == "lines/1/account"


def test_a_document_has_one_entry_of_each_kind():
    assert JournalEntry.create_id(DOCUMENT, EntryKind.INVOICE, ON) == JournalEntry.create_id(
        DOCUMENT, EntryKind.INVOICE, LATER
    )
    assert JournalEntry.create_id(DOCUMENT, EntryKind.INVOICE, ON) != JournalEntry.create_id(
        DOCUMENT, EntryKind.PAYMENT, ON
    )
    assert a_payment().id == JournalEntry.create_id(DOCUMENT, EntryKind.PAYMENT, ON)


def test_one_cause_may_recost_several_dates():
    ids = {JournalEntry.create_id(DOCUMENT, EntryKind.COST_ADJUSTMENT, on) for on in (ON, LATER)}
    assert len(ids) == 2


def test_a_reversal_mirrors_the_entry_and_names_it():
    entry = a_payment()
    taken_back = entry.reversal(LATER)
    assert taken_back.postings == (credit("1000", money("12.50")), debit("1200", money("12.50"), CUSTOMER))
    assert (taken_back.reverses, taken_back.document) == (entry.id, entry.id)
    assert len(entry.pending_events) == 1


def test_there_can_be_only_one_reversal():
    entry = a_payment()
    assert entry.reversal(LATER).id == entry.reversal(date(2026, 4, 1)).id


def test_a_reversal_is_not_reversed():
    with pytest.raises(NotReversible):
        a_payment().reversal(LATER).reversal(LATER)
