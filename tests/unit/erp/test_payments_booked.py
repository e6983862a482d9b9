"""Payments settle invoices, free credit and are booked; a reversal undoes all of it, once."""

from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from services.erp.application import Erp
from services.erp.domain.invoice import Invoice, TooMuch
from services.erp.domain.owed import MoreThanOpen
from shared.contracts import erp
from shared.domain import InvalidInput, NotFound, NotYetKnown, WrongStatus
from shared.money import Money
from shared.service import Caller
from shared.testing.services import hear
from tests.unit.erp.examples import (
    CUSTOMER,
    MARCH_5,
    MARCH_9,
    a_customer,
    a_shipment,
    accounts,
    an_erp,
    an_order,
    balances,
    invoices,
    listening,
    part,
    stored,
    usd,
)


def invoiced(service: Erp, *totals: str) -> list[Invoice]:
    for total in totals:
        order = an_order(("CHAI", "1", total))
        hear(service, order, a_shipment(order))
    return invoices(service)


def test_a_payment_may_settle_parts_of_several_invoices(tmp_path: Path):
    service = an_erp(tmp_path)
    one, other = invoiced(service, "100.00", "50.00")
    said = listening(service)
    payment = service.record_payment("in", CUSTOMER, MARCH_9, usd("90.00"), [part(one, "40.00"), part(other, "50.00")])
    assert [(each.invoice_id, each.payment_id, each.paid_on, each.open) for each in said()] == [
        (one.id, payment.id, MARCH_9, usd("60.00")),
        (other.id, payment.id, MARCH_9, usd("0.00")),
    ]
    assert balances(service) == accounts(a1000="90.00", a1200="60.00", a4000="-150.00")


def test_a_payment_makes_room_for_held_orders(tmp_path: Path):
    service = an_erp(tmp_path, limit="100.00")
    (invoice,) = invoiced(service, "100.00")
    waiting = an_order(("CHAI", "1", "30.00"))
    hear(service, waiting)
    said = listening(service)
    service.record_payment("in", CUSTOMER, MARCH_9, usd("30.00"), [part(invoice, "30.00")])
    assert [each for each in said() if isinstance(each, erp.CreditApproved)] == [
        erp.CreditApproved(waiting.order_id, CUSTOMER)
    ]


def test_a_payment_belongs_to_the_story_of_the_order_it_settles(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "100.00")
    before = len(stored(service))
    service.record_payment("in", CUSTOMER, MARCH_9, usd("1.00"), [part(invoice, "1.00")])
    assert {event["meta"]["correlation_id"] for _, event in stored(service)[before:]} == {str(invoice.story)}


def test_a_reversed_payment_leaves_everything_as_it_was(tmp_path: Path):
    service = an_erp(tmp_path, limit="100.00")
    (invoice,) = invoiced(service, "100.00")
    before = balances(service)
    payment = service.record_payment("in", CUSTOMER, MARCH_5, usd("40.00"), [part(invoice, "40.00")])
    said = listening(service)
    service.reverse_payment(payment.id, "typed twice")
    assert [each.open for each in said()] == [usd("100.00")]
    assert balances(service) == before
    assert service.credit(CUSTOMER).exposure == usd("100.00")


def test_a_payment_is_reversed_only_once(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "100.00")
    payment = service.record_payment("in", CUSTOMER, MARCH_5, usd("40.00"), [part(invoice, "40.00")])
    service.reverse_payment(payment.id)
    before = len(stored(service))
    with pytest.raises(WrongStatus):
        service.reverse_payment(payment.id)
    assert len(stored(service)) == before


@pytest.mark.parametrize(
    ("amount", "allocated", "refusal", "field"),
    [
        (usd("100.01"), usd("100.01"), MoreThanOpen, "allocations/0/amount"),
        (usd("30.00"), usd("40.00"), InvalidInput, "allocations"),
        (Money("40.00", "EUR"), Money("40.00", "EUR"), InvalidInput, "allocations/0/amount"),
        (Money("40.00", "EUR"), usd("40.00"), InvalidInput, "allocations/0/amount"),
    ],
)
def test_a_payment_that_does_not_fit_its_invoice_changes_nothing(
    tmp_path: Path, amount: Money, allocated: Money, refusal: type[Exception], field: str
):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "100.00")
    before = len(stored(service))
    with pytest.raises(refusal) as refused:
        service.record_payment("in", CUSTOMER, MARCH_9, amount, [{"document_id": invoice.id, "amount": allocated}])
    assert refused.value.field == field  # type: ignore[attr-defined]
    assert len(stored(service)) == before


def test_nobody_pays_the_invoice_of_another_customer(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "100.00")
    stranger = uuid4()
    hear(service, a_customer(None, stranger))
    with pytest.raises(InvalidInput) as refused:
        service.record_payment("in", stranger, MARCH_9, usd("1.00"), [part(invoice, "1.00")])
    assert refused.value.field == "allocations/0/document_id"


def test_a_payer_nobody_told_of_is_refused_at_once_whoever_the_invoice_is_for(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "1.00")
    with pytest.raises(InvalidInput) as refused:
        service.record_payment("in", uuid4(), MARCH_9, usd("1.00"), [part(invoice, "1.00")])
    assert refused.value.field == "allocations/0/document_id"


def test_a_payment_for_an_invoice_that_does_not_exist_is_refused_naming_it(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "1.00")
    missing = {"document_id": uuid4(), "amount": usd("1.00")}
    with pytest.raises(InvalidInput) as refused:
        service.record_payment("in", CUSTOMER, MARCH_9, usd("2.00"), [part(invoice, "1.00"), missing])
    assert refused.value.field == "allocations/1/document_id"


def test_what_is_paid_too_much_is_the_customers_credit_and_settles_a_later_invoice(tmp_path: Path):
    service = an_erp(tmp_path, limit="1000.00")
    (one,) = invoiced(service, "100.00")
    payment = service.record_payment("in", CUSTOMER, MARCH_5, usd("130.00"), [part(one, "100.00")])
    assert payment.unallocated == usd("30.00")
    assert balances(service) == accounts(a1000="130.00", a1200="-30.00", a4000="-100.00")
    assert service.credit(CUSTOMER).exposure == usd("-30.00")
    _, other = invoiced(service, "50.00")
    before, said = balances(service), listening(service)
    allocated = service.allocate_payment(payment.id, [part(other, "30.00")])
    assert allocated.unallocated == usd(0)
    assert [(each.invoice_id, each.payment_id, each.open) for each in said()] == [(other.id, payment.id, usd("20.00"))]
    assert balances(service) == before
    assert service.credit(CUSTOMER).exposure == usd("20.00")


def test_money_in_advance_makes_room_for_orders(tmp_path: Path):
    service = an_erp(tmp_path, limit="0.00")
    order = an_order(("CHAI", "1", "30.00"))
    hear(service, order)
    said = listening(service)
    service.record_payment("in", CUSTOMER, MARCH_5, usd("30.00"), [])
    assert said() == [erp.CreditApproved(order.order_id, CUSTOMER)]


@pytest.mark.parametrize(("amount", "refusal"), [("30.01", MoreThanOpen), ("50.01", MoreThanOpen)])
def test_credit_settles_neither_more_than_is_left_of_it_nor_more_than_is_open(
    tmp_path: Path, amount: str, refusal: type[Exception]
):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "50.00")
    payment = service.record_payment("in", CUSTOMER, MARCH_5, usd("30.00"), [])
    before = len(stored(service))
    with pytest.raises(refusal):
        service.allocate_payment(payment.id, [part(invoice, amount)])
    assert len(stored(service)) == before


def test_a_payment_allocated_later_is_taken_back_as_a_whole(tmp_path: Path):
    service = an_erp(tmp_path, limit="1000.00")
    one, other = invoiced(service, "100.00", "50.00")
    before = balances(service)
    payment = service.record_payment("in", CUSTOMER, MARCH_5, usd("130.00"), [part(one, "100.00")])
    service.allocate_payment(payment.id, [part(other, "20.00")])
    service.reverse_payment(payment.id, "bounced")
    assert [each.open for each in invoices(service)] == [usd("100.00"), usd("50.00")]
    assert balances(service) == before
    assert service.credit(CUSTOMER).exposure == usd("150.00")


def test_the_small_rest_is_written_off_as_an_expense_and_frees_credit(tmp_path: Path):
    service = an_erp(tmp_path, limit="100.00")
    (invoice,) = invoiced(service, "100.00")
    service.record_payment("in", CUSTOMER, MARCH_5, usd("97.00"), [part(invoice, "97.00")])
    said = listening(service)
    service.write_off_invoice(invoice.id, "bank charges")
    (told,) = said()
    assert isinstance(told, erp.InvoiceWrittenOff)
    assert (told.order_id, told.amount, told.open) == (invoice.sales_order_id, usd("3.00"), usd(0))
    assert balances(service) == accounts(a1000="97.00", a4000="-100.00", a6000="3.00")
    assert service.credit(CUSTOMER).exposure == usd(0)


def test_an_invoice_may_be_written_off_again_after_a_payment_was_taken_back(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "100.00")
    payment = service.record_payment("in", CUSTOMER, MARCH_5, usd("97.00"), [part(invoice, "97.00")])
    service.write_off_invoice(invoice.id, "bank charges")
    service.reverse_payment(payment.id, "mistyped")
    service.record_payment("in", CUSTOMER, MARCH_5, usd("96.00"), [part(invoice, "96.00")])
    service.write_off_invoice(invoice.id, "bank charges again")
    assert balances(service) == accounts(a1000="96.00", a4000="-100.00", a6000="4.00")


def test_more_than_the_limit_is_not_written_off(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "5.01")
    before = len(stored(service))
    with pytest.raises(TooMuch):
        service.write_off_invoice(invoice.id, "too generous")
    assert len(stored(service)) == before


def test_a_person_releases_a_held_order_under_his_name(tmp_path: Path):
    service = an_erp(tmp_path, limit="10.00")
    order = an_order(("CHAI", "1", "30.00"))
    hear(service, order)
    said = listening(service)
    cause = service._cause(Caller("margaret"))
    service.run(lambda: service.release_order(CUSTOMER, order.order_id, "an old friend"), cause)
    assert said() == [erp.CreditApproved(order.order_id, CUSTOMER, released_by="margaret")]


def test_a_release_belongs_to_the_story_of_its_order_not_of_its_customer(tmp_path: Path):
    service = an_erp(tmp_path, limit="10.00")
    order = an_order(("CHAI", "1", "30.00"))
    hear(service, order)
    service.release_order(CUSTOMER, order.order_id, "an old friend")
    stories = {name: entry["meta"]["correlation_id"] for name, entry in stored(service)}
    assert (
        stories["CreditAccount.OrderReleased"]
        == stories["SalesOrderInvoicing.Opened"]
        != stories["CreditAccount.Opened"]
    )


def test_an_order_nobody_told_of_cannot_be_released_yet(tmp_path: Path):
    service = an_erp(tmp_path, limit="10.00")
    with pytest.raises(NotYetKnown):
        service.release_order(CUSTOMER, uuid4(), "soon")


def test_credit_of_a_stranger_is_not_found(tmp_path: Path):
    with pytest.raises(NotFound):
        an_erp(tmp_path).credit(uuid4())


def test_the_same_payment_twice_at_once_pays_once(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "100.00")
    service.record_payment("in", CUSTOMER, MARCH_9, usd("100.00"), [part(invoice, "100.00")])
    with pytest.raises(MoreThanOpen):
        service.record_payment("in", CUSTOMER, MARCH_9, usd("100.00"), [part(invoice, "100.00")])
    assert balances(service)["1000"] == Decimal("100.00")
