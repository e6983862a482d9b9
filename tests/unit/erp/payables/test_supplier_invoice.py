"""A supplier invoice is owed once it matches or another person releases it, until it is fully paid."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from services.erp.ledger.domain.open_amount import ExceedsOpenAmount
from services.erp.payables.domain.deviation import Deviation, DeviationReason, Tolerances
from services.erp.payables.domain.supplier_invoice import (
    AlreadyPosted,
    InvoicedOrderLine,
    NotPayable,
    Status,
    SupplierInvoice,
)
from shared.domain import AmountTooLarge, FourEyesRequired, InvalidInput, WrongStatus
from shared.money import Money
from shared.testing import given, new_events
from tests.unit.erp.examples import MARCH_5, MARCH_9, a_supplier_invoice, usd

ORDER = uuid4()
PARTS = (InvoicedOrderLine(1, ORDER, 1, "CHAI", Decimal(10), usd("118.00")),)
TOO_DEAR = (Deviation(1, ORDER, "PO-1", 1, "CHAI", DeviationReason.PRICE, Decimal("11.80"), Decimal("12.00"), "USD"),)


def matched(invoice: SupplierInvoice) -> None:
    invoice.match(PARTS, Tolerances(), MARCH_5)


def blocked(invoice: SupplierInvoice) -> None:
    invoice.block(TOO_DEAR)


def test_an_invoice_is_stored_as_sent_and_due_after_the_agreed_days():
    invoice = a_supplier_invoice(("CHAI", "3", "0.35"), ("TOFU", "1.5", "0.33"))
    assert (invoice.total, invoice.due_on, invoice.recorded_by) == (usd("1.55"), date(2026, 4, 4), "margaret")
    assert (invoice.status, invoice.open) == (Status.BLOCKED, usd(0))


def test_a_matching_invoice_is_owed():
    invoice = a_supplier_invoice()
    invoice.match(PARTS, Tolerances(), MARCH_5)
    assert new_events(invoice) == [("Matched", {"lines": PARTS, "tolerances": Tolerances(), "posted_on": MARCH_5})]
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
    invoice.release("agreed by phone", "laura", PARTS, MARCH_5)
    assert new_events(invoice) == [
        (
            "Released",
            {"reason": "agreed by phone", "released_by": "laura", "lines": PARTS, "posted_on": MARCH_5, "grounds": ()},
        )
    ]
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
        invoice.settle(uuid4(), usd("1.00"), MARCH_9)


def test_an_accepted_invoice_is_not_rejected():
    with pytest.raises(WrongStatus):
        given(a_supplier_invoice(), matched).reject("too late")


def test_a_fully_paid_invoice_is_open_again_when_the_payment_is_reversed():
    invoice, payment = given(a_supplier_invoice(), matched), uuid4()
    invoice.settle(payment, usd("20.00"), MARCH_9)
    assert (invoice.status, invoice.open) == (Status.MATCHED, usd("100.00"))
    invoice.settle(payment, usd("100.00"), MARCH_9)
    assert invoice.status == Status.PAID
    invoice.reopen(payment, usd("100.00"), MARCH_9)
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
        invoice.settle(uuid4(), amount, MARCH_9)
    assert new_events(invoice) == []


def test_an_invoice_above_the_largest_amount_is_refused():
    with pytest.raises(AmountTooLarge) as refusal:
        a_supplier_invoice(("CHAI", "999999999999", "999999999999.00"))
    assert refusal.value.field == "lines"


def test_a_matched_invoice_that_deviates_is_blocked_stays_owed_and_is_not_paid():
    invoice = given(a_supplier_invoice(), matched)
    invoice.block(TOO_DEAR)
    assert (invoice.status, invoice.open, invoice.deviations) == (Status.BLOCKED, usd("120.00"), TOO_DEAR)
    with pytest.raises(NotPayable, match=r"CHAI, line 1 of PO-1, is invoiced at 12 USD, above the agreed 11.8 USD"):
        invoice.settle(uuid4(), usd("1.00"), MARCH_9)
    with pytest.raises(AlreadyPosted):
        invoice.reject("not ours")
    invoice.restore_match()
    assert (invoice.status, invoice.open) == (Status.MATCHED, usd("120.00"))


def test_an_invoice_that_was_posted_is_not_posted_again_by_its_release():
    invoice = given(a_supplier_invoice(), matched, blocked)
    invoice.release("so agreed", "laura", (), MARCH_5)
    assert (invoice.status, invoice.open, invoice.order_lines) == (Status.RELEASED, usd("120.00"), PARTS)


def test_a_paid_invoice_stays_paid_and_shows_its_deviations():
    invoice = given(a_supplier_invoice(), matched, lambda it: it.settle(uuid4(), it.total, MARCH_9), blocked)
    assert (invoice.status, invoice.deviations) == (Status.PAID, TOO_DEAR)
    invoice.reopen(uuid4(), invoice.total, MARCH_9)
    assert invoice.status == Status.BLOCKED
