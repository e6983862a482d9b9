"""A bill is kept as it came, owed once it matches or another person releases it, and paid to the last cent."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from services.erp.domain.open_amount import ExceedsOpenAmount
from services.erp.domain.supplier_invoice import (
    AmountTooLarge,
    Deviation,
    DeviationReason,
    MatchedLine,
    NotPayable,
    Status,
    SupplierInvoice,
)
from services.erp.domain.supplier_invoice_number import normalise_number
from shared.domain import FourEyesRequired, InvalidInput, WrongStatus
from shared.money import Money
from shared.testing import given, new_events
from tests.unit.erp.examples import MARCH_9, SUPPLIER, a_supplier_invoice, usd

PARTS = (MatchedLine(1, "CHAI", Decimal(10), usd("118.00")),)
TOO_DEAR = (Deviation(1, DeviationReason.PRICE, Decimal("11.80"), Decimal("12.00")),)


def matched(bill: SupplierInvoice) -> None:
    bill.match(PARTS)


def blocked(bill: SupplierInvoice) -> None:
    bill.block(TOO_DEAR)


def test_a_bill_is_kept_as_it_came_and_is_due_after_the_agreed_days():
    bill = a_supplier_invoice(("CHAI", "3", "0.35"), ("TOFU", "1.5", "0.33"))
    assert (bill.total, bill.due_on, bill.recorded_by) == (usd("1.55"), date(2026, 4, 4), "margaret")
    assert (bill.status, bill.open) == (Status.BLOCKED, usd(0))


def test_a_bill_that_matches_is_owed():
    bill = a_supplier_invoice()
    bill.match(PARTS)
    assert new_events(bill) == [("Matched", {"lines": PARTS})]
    assert (bill.status, bill.open, bill.cleared_amount) == (Status.MATCHED, usd("120.00"), usd("118.00"))


def test_a_blocked_bill_names_each_reason_once():
    bill = a_supplier_invoice()
    bill.block(TOO_DEAR)
    bill.block(TOO_DEAR)
    assert new_events(bill) == [("Blocked", {"deviations": TOO_DEAR})]
    assert (bill.status, bill.open) == (Status.BLOCKED, usd(0))


def test_another_person_releases_a_blocked_bill():
    bill = given(a_supplier_invoice(by="margaret"), blocked)
    bill.require_releasable("laura")
    bill.release("agreed by phone", "laura", PARTS)
    assert new_events(bill) == [("Released", {"reason": "agreed by phone", "released_by": "laura", "lines": PARTS})]
    assert (bill.status, bill.open, bill.released_by) == (Status.RELEASED, usd("120.00"), "laura")
    assert bill.deviations == TOO_DEAR


def test_who_recorded_a_bill_does_not_release_it():
    with pytest.raises(FourEyesRequired):
        given(a_supplier_invoice(by="margaret"), blocked).require_releasable("margaret")


def test_a_bill_that_is_owed_is_not_released():
    with pytest.raises(WrongStatus):
        given(a_supplier_invoice(), matched).require_releasable("laura")


def test_a_blocked_bill_is_sent_back_and_then_neither_released_nor_paid():
    bill = given(a_supplier_invoice(), blocked)
    bill.reject("not ordered so")
    assert new_events(bill) == [("Rejected", {"reason": "not ordered so"})]
    with pytest.raises(WrongStatus):
        bill.require_releasable("laura")
    with pytest.raises(NotPayable):
        bill.apply_payment(uuid4(), usd("1.00"), MARCH_9)


def test_a_bill_that_is_owed_is_not_sent_back():
    with pytest.raises(WrongStatus):
        given(a_supplier_invoice(), matched).reject("too late")


def test_paid_to_the_last_cent_it_is_paid_and_open_again_when_the_payment_is_taken_back():
    bill, payment = given(a_supplier_invoice(), matched), uuid4()
    bill.apply_payment(payment, usd("20.00"), MARCH_9)
    assert (bill.status, bill.open) == (Status.MATCHED, usd("100.00"))
    bill.apply_payment(payment, usd("100.00"), MARCH_9)
    assert bill.status == Status.PAID
    bill.reverse_payment(payment, usd("100.00"), MARCH_9)
    assert (bill.status, bill.open) == (Status.MATCHED, usd("100.00"))


@pytest.mark.parametrize(
    ("before", "amount", "refusal"),
    [
        (blocked, usd("1.00"), NotPayable),
        (matched, usd("120.01"), ExceedsOpenAmount),
        (matched, Money("1.00", "EUR"), InvalidInput),
    ],
)
def test_what_is_not_owed_is_not_paid(
    before: Callable[[SupplierInvoice], None], amount: Money, refusal: type[Exception]
):
    bill = given(a_supplier_invoice(), before)
    with pytest.raises(refusal):
        bill.apply_payment(uuid4(), amount, MARCH_9)
    assert new_events(bill) == []


def test_a_bill_above_the_largest_amount_is_refused():
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
    assert normalise_number(SUPPLIER, one) == normalise_number(SUPPLIER, other)


@pytest.mark.parametrize(
    ("one", "other"), [("RE-42", "RE-24"), ("10", "1"), ("C-1", "CO-1"), ("1-02", "102"), ("0", "1")]
)
def test_other_numbers_stay_others(one: str, other: str):
    assert normalise_number(SUPPLIER, one) != normalise_number(SUPPLIER, other)


def test_another_supplier_may_have_the_same_number():
    assert normalise_number(SUPPLIER, "1") != normalise_number(uuid4(), "1")


@whatever(st.text(alphabet="aAoO012 -/.\u00a0ＲÄ", min_size=1))
def test_the_one_spelling_is_its_own_spelling(number: str):
    once = normalise_number(SUPPLIER, number).removeprefix(f"{SUPPLIER}/")
    assert normalise_number(SUPPLIER, once) == normalise_number(SUPPLIER, number)
