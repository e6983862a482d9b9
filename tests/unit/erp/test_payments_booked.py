"""Payments settle invoices, free credit and are booked; a reversal undoes all of it, once."""

from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from services.erp.domain.invoice import Invoice, WriteOffTooLarge
from services.erp.domain.open_amount import ExceedsOpenAmount
from services.erp.service import Erp
from shared.contracts import erp
from shared.domain import InvalidInput, NotFound, NotYetAvailable, WrongStatus
from shared.money import Money
from shared.service import Caller
from shared.testing.services import deliver
from tests.unit.erp.examples import (
    CUSTOMER,
    MARCH_5,
    MARCH_9,
    a_customer,
    a_shipment,
    accounts,
    allocation_of,
    an_erp,
    an_order,
    balances,
    invoices,
    record_published,
    stored_events,
    usd,
)


def invoiced(service: Erp, *totals: str) -> list[Invoice]:
    for total in totals:
        order = an_order(("CHAI", "1", total))
        deliver(service, order, a_shipment(order))
    return invoices(service)


def test_a_payment_may_settle_parts_of_several_invoices(tmp_path: Path):
    service = an_erp(tmp_path)
    one, other = invoiced(service, "100.00", "50.00")
    published = record_published(service)
    payment = service.record_payment(
        "in", CUSTOMER, MARCH_9, usd("90.00"), [allocation_of(one, "40.00"), allocation_of(other, "50.00")]
    )
    assert [(each.invoice_id, each.payment_id, each.paid_on, each.open) for each in published()] == [
        (one.id, payment.id, MARCH_9, usd("60.00")),
        (other.id, payment.id, MARCH_9, usd("0.00")),
    ]
    assert balances(service) == accounts(a1000="90.00", a1200="60.00", a4000="-150.00")


def test_a_payment_makes_room_for_held_orders(tmp_path: Path):
    service = an_erp(tmp_path, limit="100.00")
    (invoice,) = invoiced(service, "100.00")
    waiting = an_order(("CHAI", "1", "30.00"))
    deliver(service, waiting)
    published = record_published(service)
    service.record_payment("in", CUSTOMER, MARCH_9, usd("30.00"), [allocation_of(invoice, "30.00")])
    assert [each for each in published() if isinstance(each, erp.CreditApproved)] == [
        erp.CreditApproved(waiting.order_id, CUSTOMER)
    ]


def test_a_payment_has_the_correlation_of_the_order_it_settles(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "100.00")
    before = len(stored_events(service))
    service.record_payment("in", CUSTOMER, MARCH_9, usd("1.00"), [allocation_of(invoice, "1.00")])
    assert {event["meta"]["correlation_id"] for _, event in stored_events(service)[before:]} == {
        str(invoice.correlation_id)
    }


def test_a_reversed_payment_leaves_everything_as_it_was(tmp_path: Path):
    service = an_erp(tmp_path, limit="100.00")
    (invoice,) = invoiced(service, "100.00")
    before = balances(service)
    payment = service.record_payment("in", CUSTOMER, MARCH_5, usd("40.00"), [allocation_of(invoice, "40.00")])
    published = record_published(service)
    service.reverse_payment(payment.id, "typed twice")
    assert [each.open for each in published()] == [usd("100.00")]
    assert balances(service) == before
    assert service.get_credit_account(CUSTOMER).exposure == usd("100.00")


def test_a_payment_is_reversed_only_once(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "100.00")
    payment = service.record_payment("in", CUSTOMER, MARCH_5, usd("40.00"), [allocation_of(invoice, "40.00")])
    service.reverse_payment(payment.id)
    before = len(stored_events(service))
    with pytest.raises(WrongStatus):
        service.reverse_payment(payment.id)
    assert len(stored_events(service)) == before


@pytest.mark.parametrize(
    ("amount", "allocated", "refusal", "field"),
    [
        (usd("100.01"), usd("100.01"), ExceedsOpenAmount, "allocations/0/amount"),
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
    before = len(stored_events(service))
    with pytest.raises(refusal) as refused:
        service.record_payment("in", CUSTOMER, MARCH_9, amount, [{"document_id": invoice.id, "amount": allocated}])
    assert refused.value.field == field  # type: ignore[attr-defined]
    assert len(stored_events(service)) == before


def test_paying_the_invoice_of_another_customer_is_refused(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "100.00")
    stranger = uuid4()
    deliver(service, a_customer(None, stranger))
    with pytest.raises(InvalidInput) as refused:
        service.record_payment("in", stranger, MARCH_9, usd("1.00"), [allocation_of(invoice, "1.00")])
    assert refused.value.field == "allocations/0/document_id"


def test_an_unknown_payer_is_refused_at_once_for_any_invoice(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "1.00")
    with pytest.raises(InvalidInput) as refused:
        service.record_payment("in", uuid4(), MARCH_9, usd("1.00"), [allocation_of(invoice, "1.00")])
    assert refused.value.field == "allocations/0/document_id"


def test_a_payment_for_an_invoice_that_does_not_exist_is_refused_naming_it(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "1.00")
    missing = {"document_id": uuid4(), "amount": usd("1.00")}
    with pytest.raises(InvalidInput) as refused:
        service.record_payment("in", CUSTOMER, MARCH_9, usd("2.00"), [allocation_of(invoice, "1.00"), missing])
    assert refused.value.field == "allocations/1/document_id"


def test_what_is_paid_too_much_is_the_customers_credit_and_settles_a_later_invoice(tmp_path: Path):
    service = an_erp(tmp_path, limit="1000.00")
    (one,) = invoiced(service, "100.00")
    payment = service.record_payment("in", CUSTOMER, MARCH_5, usd("130.00"), [allocation_of(one, "100.00")])
    assert payment.unallocated == usd("30.00")
    assert balances(service) == accounts(a1000="130.00", a1200="-30.00", a4000="-100.00")
    assert service.get_credit_account(CUSTOMER).exposure == usd("-30.00")
    _, other = invoiced(service, "50.00")
    before, published = balances(service), record_published(service)
    allocated = service.allocate_payment(payment.id, [allocation_of(other, "30.00")])
    assert allocated.unallocated == usd(0)
    assert [(each.invoice_id, each.payment_id, each.open) for each in published()] == [
        (other.id, payment.id, usd("20.00"))
    ]
    assert balances(service) == before
    assert service.get_credit_account(CUSTOMER).exposure == usd("20.00")


def test_money_in_advance_makes_room_for_orders(tmp_path: Path):
    service = an_erp(tmp_path, limit="0.00")
    order = an_order(("CHAI", "1", "30.00"))
    deliver(service, order)
    published = record_published(service)
    service.record_payment("in", CUSTOMER, MARCH_5, usd("30.00"), [])
    assert published() == [erp.CreditApproved(order.order_id, CUSTOMER)]


@pytest.mark.parametrize(("amount", "refusal"), [("30.01", ExceedsOpenAmount), ("50.01", ExceedsOpenAmount)])
def test_credit_settles_neither_more_than_is_left_of_it_nor_more_than_is_open(
    tmp_path: Path, amount: str, refusal: type[Exception]
):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "50.00")
    payment = service.record_payment("in", CUSTOMER, MARCH_5, usd("30.00"), [])
    before = len(stored_events(service))
    with pytest.raises(refusal):
        service.allocate_payment(payment.id, [allocation_of(invoice, amount)])
    assert len(stored_events(service)) == before


def test_a_payment_allocated_later_is_taken_back_as_a_whole(tmp_path: Path):
    service = an_erp(tmp_path, limit="1000.00")
    one, other = invoiced(service, "100.00", "50.00")
    before = balances(service)
    payment = service.record_payment("in", CUSTOMER, MARCH_5, usd("130.00"), [allocation_of(one, "100.00")])
    service.allocate_payment(payment.id, [allocation_of(other, "20.00")])
    service.reverse_payment(payment.id, "bounced")
    assert [each.open for each in invoices(service)] == [usd("100.00"), usd("50.00")]
    assert balances(service) == before
    assert service.get_credit_account(CUSTOMER).exposure == usd("150.00")


def test_the_small_rest_is_written_off_as_an_expense_and_frees_credit(tmp_path: Path):
    service = an_erp(tmp_path, limit="100.00")
    (invoice,) = invoiced(service, "100.00")
    service.record_payment("in", CUSTOMER, MARCH_5, usd("97.00"), [allocation_of(invoice, "97.00")])
    published = record_published(service)
    service.write_off_invoice(invoice.id, "bank charges")
    (written_off,) = published()
    assert isinstance(written_off, erp.InvoiceWrittenOff)
    assert (written_off.order_id, written_off.amount, written_off.open) == (invoice.sales_order_id, usd("3.00"), usd(0))
    assert balances(service) == accounts(a1000="97.00", a4000="-100.00", a6000="3.00")
    assert service.get_credit_account(CUSTOMER).exposure == usd(0)


def test_an_invoice_may_be_written_off_again_after_a_payment_was_taken_back(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "100.00")
    payment = service.record_payment("in", CUSTOMER, MARCH_5, usd("97.00"), [allocation_of(invoice, "97.00")])
    service.write_off_invoice(invoice.id, "bank charges")
    service.reverse_payment(payment.id, "mistyped")
    service.record_payment("in", CUSTOMER, MARCH_5, usd("96.00"), [allocation_of(invoice, "96.00")])
    service.write_off_invoice(invoice.id, "bank charges again")
    assert balances(service) == accounts(a1000="96.00", a4000="-100.00", a6000="4.00")


def test_more_than_the_limit_is_not_written_off(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "5.01")
    before = len(stored_events(service))
    with pytest.raises(WriteOffTooLarge):
        service.write_off_invoice(invoice.id, "too generous")
    assert len(stored_events(service)) == before


def test_a_held_order_is_released_under_the_name_of_the_person(tmp_path: Path):
    service = an_erp(tmp_path, limit="10.00")
    order = an_order(("CHAI", "1", "30.00"))
    deliver(service, order)
    published = record_published(service)
    cause = service._context_of(Caller("margaret"))
    service.run(lambda: service.release_order(CUSTOMER, order.order_id, "an old friend"), cause)
    assert published() == [erp.CreditApproved(order.order_id, CUSTOMER, released_by="margaret")]


def test_a_release_has_the_correlation_of_its_order_not_of_its_customer(tmp_path: Path):
    service = an_erp(tmp_path, limit="10.00")
    order = an_order(("CHAI", "1", "30.00"))
    deliver(service, order)
    service.release_order(CUSTOMER, order.order_id, "an old friend")
    stories = {name: entry["meta"]["correlation_id"] for name, entry in stored_events(service)}
    assert (
        stories["CreditAccount.OrderReleased"]
        == stories["SalesOrderInvoicing.Opened"]
        != stories["CreditAccount.Opened"]
    )


def test_an_unknown_order_cannot_be_released_yet(tmp_path: Path):
    service = an_erp(tmp_path, limit="10.00")
    with pytest.raises(NotYetAvailable):
        service.release_order(CUSTOMER, uuid4(), "soon")


def test_credit_of_a_stranger_is_not_found(tmp_path: Path):
    with pytest.raises(NotFound):
        an_erp(tmp_path).get_credit_account(uuid4())


def test_the_same_payment_twice_at_once_pays_once(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "100.00")
    service.record_payment("in", CUSTOMER, MARCH_9, usd("100.00"), [allocation_of(invoice, "100.00")])
    with pytest.raises(ExceedsOpenAmount):
        service.record_payment("in", CUSTOMER, MARCH_9, usd("100.00"), [allocation_of(invoice, "100.00")])
    assert balances(service)["1000"] == Decimal("100.00")
