"""What a customer owes for a shipment, until it is paid."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from services.erp.ledger.domain.open_amount import ExceedsOpenAmount
from services.erp.ledger.domain.write_off import NothingWrittenOff, WriteOffTooLarge
from services.erp.receivables.domain.invoice import Invoice, InvoiceLine, InvoiceTerms, Status
from services.erp.receivables.domain.invoice_number import InvoiceNumber
from shared.domain import InvalidInput, WrongStatus
from shared.money import Money
from shared.testing import given, new_events
from tests.unit.erp.examples import CUSTOMER, MARCH_5, MARCH_9, an_invoice, price_usd, usd

PAYMENT = uuid4()


def test_an_invoice_adds_up_and_is_due_after_the_agreed_days():
    order_id, shipment_id = uuid4(), uuid4()
    line = InvoiceLine(1, "BOLT-M8", Decimal(2), price_usd("5.00"), Decimal(0), usd("10.00"))
    invoice = Invoice.post(
        InvoiceNumber("invoices", "7"),
        InvoiceTerms(CUSTOMER, order_id, 30),
        shipment_id,
        MARCH_5,
        [line, line],
        usd("3.20"),
    )
    assert new_events(invoice) == [
        ("Posted", {
            "series": "invoices", "number": "7", "customer_id": CUSTOMER, "sales_order_id": order_id,
            "shipment_id": shipment_id, "invoiced_on": MARCH_5, "due_on": date(2026, 4, 4), "lines": (line, line),
            "net": usd("20.00"), "freight": usd("3.20"), "total": usd("23.20"),
        }),
    ]  # fmt: skip
    assert (invoice.open, invoice.status) == (usd("23.20"), Status.OPEN)


def test_a_part_payment_leaves_the_rest_open():
    invoice = an_invoice("100.00")
    invoice.settle(PAYMENT, usd("40.00"), MARCH_9)
    assert new_events(invoice) == [
        ("Settled", {"settled_by": PAYMENT, "amount": usd("40.00"), "settled_on": MARCH_9}),
    ]
    assert (invoice.open, invoice.status) == (usd("60.00"), Status.PART_PAID)


def test_the_last_payment_pays_it():
    invoice = given(an_invoice("100.00"), lambda invoice: invoice.settle(PAYMENT, usd("40.00"), MARCH_9))
    invoice.settle(uuid4(), usd("60.00"), MARCH_9)
    assert (invoice.open, invoice.status) == (usd("0"), Status.PAID)


def test_a_payment_cannot_exceed_the_open_amount():
    invoice = an_invoice("100.00")
    with pytest.raises(ExceedsOpenAmount) as refusal:
        invoice.settle(PAYMENT, usd("100.01"), MARCH_9)
    assert (refusal.value.field, new_events(invoice)) == ("amount", [])


def test_a_payment_in_another_currency_settles_nothing():
    invoice = an_invoice("100.00")
    with pytest.raises(InvalidInput):
        invoice.settle(PAYMENT, Money("1.00", "EUR"), MARCH_9)
    assert new_events(invoice) == []


def test_a_reversed_payment_reopens_the_invoice():
    invoice = given(an_invoice("100.00"), lambda invoice: invoice.settle(PAYMENT, usd("100.00"), MARCH_5))
    invoice.reopen(PAYMENT, usd("100.00"), MARCH_9)
    assert new_events(invoice) == [
        ("Reopened", {"settled_by": PAYMENT, "amount": usd("100.00"), "reopened_on": MARCH_9}),
    ]
    assert (invoice.open, invoice.status) == (usd("100.00"), Status.OPEN)


def test_one_shipment_has_one_invoice():
    shipment_id = uuid4()
    ids = {
        Invoice.post(
            InvoiceNumber("invoices", str(number)),
            InvoiceTerms(CUSTOMER, uuid4(), 30),
            shipment_id,
            MARCH_5,
            [],
            usd("1.00"),
        ).id
        for number in (1, 2)
    }
    assert len(ids) == 1


def test_the_small_open_amount_of_an_invoice_is_written_off():
    invoice = given(an_invoice("100.00"), lambda invoice: invoice.settle(uuid4(), usd("95.00"), MARCH_9))
    assert invoice.write_off(Decimal(5), MARCH_9, "rounding").amount == usd("5.00")
    written_off = {"amount": usd("5.00"), "written_off_on": MARCH_9, "reason": "rounding", "write_off_number": 1}
    assert new_events(invoice) == [("WrittenOff", written_off)]
    assert (invoice.status, invoice.open) == (Status.PAID, usd(0))
    with pytest.raises(WrongStatus):
        invoice.write_off(Decimal(5), MARCH_9, "again")


@pytest.mark.case("B43", "C20")
@pytest.mark.parametrize(("total", "currency", "allowed"), [("3", "JPY", True), ("6", "JPY", False)])
def test_the_limit_of_a_write_off_is_in_the_currency_of_the_invoice(total: str, currency: str, allowed: bool):
    invoice = an_invoice(total, currency)
    if allowed:
        invoice.write_off(Decimal("5.00"), MARCH_9, "rounding")
        assert invoice.status == Status.PAID
    else:
        with pytest.raises(WriteOffTooLarge, match="6 JPY open: at most 5 JPY can be written off"):
            invoice.write_off(Decimal("5.00"), MARCH_9, "rounding")


def test_more_than_the_limit_is_not_written_off():
    invoice = an_invoice("100.00")
    with pytest.raises(WriteOffTooLarge):
        invoice.write_off(Decimal("99.99"), MARCH_9, "generous")
    assert new_events(invoice) == []


def test_a_reversed_write_off_is_open_again_and_may_be_written_off_once_more():
    invoice = given(an_invoice("4.00"), lambda invoice: invoice.write_off(Decimal(5), MARCH_9, "rounding"))
    assert [each.number for each in invoice.reverse_write_off(MARCH_9, "they paid")] == [1]
    assert (invoice.status, invoice.open, invoice.written_off) == (Status.OPEN, usd("4.00"), usd(0))
    assert invoice.write_off(Decimal(5), MARCH_9, "they did not").number == 2


def test_nothing_is_reversed_of_an_invoice_without_a_write_off():
    invoice = given(an_invoice("4.00"), lambda invoice: invoice.settle(uuid4(), usd("1.00"), MARCH_9))
    with pytest.raises(NothingWrittenOff, match="nothing of invoice 1 is written off"):
        invoice.reverse_write_off(MARCH_9, "by mistake")
