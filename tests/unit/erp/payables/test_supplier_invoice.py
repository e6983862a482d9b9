"""A supplier invoice is owed once it matches or another person releases it, until it is fully paid."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from services.erp.ledger.domain.open_amount import ExceedsOpenAmount
from services.erp.payables.domain.supplier_invoice import (
    Deviation,
    DeviationReason,
    InvoicedOrderLine,
    NotPayable,
    Status,
    SupplierInvoice,
)
from services.erp.payables.domain.supplier_invoice_number import unique_number_key
from shared.domain import AmountTooLarge, FourEyesRequired, InvalidInput, WrongStatus
from shared.money import Money
from shared.testing import given, new_events
from tests.unit.erp.examples import MARCH_9, SUPPLIER, a_supplier_invoice, usd

PARTS = (InvoicedOrderLine(1, "CHAI", Decimal(10), usd("118.00")),)
TOO_DEAR = (Deviation(1, DeviationReason.PRICE, Decimal("11.80"), Decimal("12.00")),)


def matched(invoice: SupplierInvoice) -> None:
    invoice.match(PARTS)


def blocked(invoice: SupplierInvoice) -> None:
    invoice.block(TOO_DEAR)


def test_an_invoice_is_stored_as_sent_and_due_after_the_agreed_days():
    invoice = a_supplier_invoice(("CHAI", "3", "0.35"), ("TOFU", "1.5", "0.33"))
    assert (invoice.total, invoice.due_on, invoice.recorded_by) == (usd("1.55"), date(2026, 4, 4), "margaret")
    assert (invoice.status, invoice.open) == (Status.BLOCKED, usd(0))


def test_a_matching_invoice_is_owed():
    invoice = a_supplier_invoice()
    invoice.match(PARTS)
    assert new_events(invoice) == [("Matched", {"lines": PARTS})]
    assert (invoice.status, invoice.open, invoice.cleared_amount) == (Status.MATCHED, usd("120.00"), usd("118.00"))


def test_a_blocked_invoice_records_each_reason_once():
    invoice = a_supplier_invoice()
    invoice.block(TOO_DEAR)
    invoice.block(TOO_DEAR)
    assert new_events(invoice) == [("Blocked", {"deviations": TOO_DEAR})]
    assert (invoice.status, invoice.open) == (Status.BLOCKED, usd(0))


def test_another_person_releases_a_blocked_invoice():
    invoice = given(a_supplier_invoice(by="margaret"), blocked)
    invoice.require_releasable("laura")
    invoice.release("agreed by phone", "laura", PARTS)
    assert new_events(invoice) == [("Released", {"reason": "agreed by phone", "released_by": "laura", "lines": PARTS})]
    assert (invoice.status, invoice.open, invoice.released_by) == (Status.RELEASED, usd("120.00"), "laura")
    assert invoice.deviations == TOO_DEAR


def test_the_recorder_of_an_invoice_does_not_release_it():
    with pytest.raises(FourEyesRequired):
        given(a_supplier_invoice(by="margaret"), blocked).require_releasable("margaret")


def test_an_accepted_invoice_is_not_released():
    with pytest.raises(WrongStatus):
        given(a_supplier_invoice(), matched).require_releasable("laura")


def test_a_rejected_invoice_is_neither_released_nor_paid():
    invoice = given(a_supplier_invoice(), blocked)
    invoice.reject("not ordered so")
    assert new_events(invoice) == [("Rejected", {"reason": "not ordered so"})]
    with pytest.raises(WrongStatus):
        invoice.require_releasable("laura")
    with pytest.raises(NotPayable):
        invoice.apply_payment(uuid4(), usd("1.00"), MARCH_9)


def test_an_accepted_invoice_is_not_rejected():
    with pytest.raises(WrongStatus):
        given(a_supplier_invoice(), matched).reject("too late")


def test_a_fully_paid_invoice_is_open_again_when_the_payment_is_reversed():
    invoice, payment = given(a_supplier_invoice(), matched), uuid4()
    invoice.apply_payment(payment, usd("20.00"), MARCH_9)
    assert (invoice.status, invoice.open) == (Status.MATCHED, usd("100.00"))
    invoice.apply_payment(payment, usd("100.00"), MARCH_9)
    assert invoice.status == Status.PAID
    invoice.reverse_payment(payment, usd("100.00"), MARCH_9)
    assert (invoice.status, invoice.open) == (Status.MATCHED, usd("100.00"))


@pytest.mark.parametrize(
    ("before", "amount", "refusal"),
    [
        (blocked, usd("1.00"), NotPayable),
        (matched, usd("120.01"), ExceedsOpenAmount),
        (matched, Money("1.00", "EUR"), InvalidInput),
    ],
)
def test_an_invoice_that_is_not_owed_is_not_paid(
    before: Callable[[SupplierInvoice], None], amount: Money, refusal: type[Exception]
):
    invoice = given(a_supplier_invoice(), before)
    with pytest.raises(refusal):
        invoice.apply_payment(uuid4(), amount, MARCH_9)
    assert new_events(invoice) == []


def test_an_invoice_above_the_largest_amount_is_refused():
    with pytest.raises(AmountTooLarge) as refusal:
        a_supplier_invoice(("CHAI", "999999999999", "999999999999.00"))
    assert refusal.value.field == "lines"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RE-42", "re-42"),
        ("RE-42", " RE - 42 "),
        ("RE-42", "RE-0042"),
        ("RE-42", "RE-OO42"),
        ("100", "1OO"),
        ("007", "7"),
        ("RE\u00a042", "RE42"),
        ("ＲＥ４２", "RE42"),
    ],
)
def test_one_number_however_it_is_spelled(one: str, other: str):
    assert unique_number_key(SUPPLIER, one) == unique_number_key(SUPPLIER, other)


@pytest.mark.parametrize(
    ("one", "other"), [("RE-42", "RE-24"), ("10", "1"), ("C-1", "CO-1"), ("1-02", "102"), ("0", "1")]
)
def test_different_numbers_stay_different(one: str, other: str):
    assert unique_number_key(SUPPLIER, one) != unique_number_key(SUPPLIER, other)


def test_another_supplier_may_have_the_same_number():
    assert unique_number_key(SUPPLIER, "1") != unique_number_key(uuid4(), "1")


@whatever(st.text(alphabet="aAoO012 -/.\u00a0ＲÄ", min_size=1))
def test_a_normalised_number_stays_the_same(number: str):
    once = unique_number_key(SUPPLIER, number).removeprefix(f"{SUPPLIER}/")
    assert unique_number_key(SUPPLIER, once) == unique_number_key(SUPPLIER, number)
