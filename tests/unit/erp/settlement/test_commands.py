"""Payments settle invoices, reduce the exposure and are posted; a reversal undoes all of it, once."""

from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from services.erp.ledger.domain.open_amount import ExceedsOpenAmount
from services.erp.settlement.domain.payment import Allocation
from shared.contracts import erp
from shared.domain import InvalidInput, UnknownReference, WrongStatus
from shared.money import Money
from shared.testing.services import deliver
from tests.unit.erp.examples import (
    CUSTOMER,
    MARCH_5,
    MARCH_9,
    a_customer,
    accounts,
    allocation_of,
    an_erp,
    an_order,
    balances,
    invoices,
    record_payment,
    record_published,
    stored_events,
    usd,
)
from tests.unit.erp.receivables.examples import invoiced


def test_a_payment_may_settle_parts_of_several_invoices(tmp_path: Path):
    service = an_erp(tmp_path)
    one, other = invoiced(service, "100.00", "50.00")
    published = record_published(service)
    payment = record_payment(
        service, "in", CUSTOMER, MARCH_9, usd("90.00"), [allocation_of(one, "40.00"), allocation_of(other, "50.00")]
    )
    assert [(each.invoice_id, each.settled_by, each.changed_on, each.open) for each in published()] == [
        (one.id, payment.id, MARCH_9, usd("60.00")),
        (other.id, payment.id, MARCH_9, usd("0.00")),
    ]
    assert balances(service) == accounts(a1000="90.00", a1200="60.00", a4000="-150.00")


def test_a_payment_approves_held_orders(tmp_path: Path):
    service = an_erp(tmp_path, limit="100.00")
    (invoice,) = invoiced(service, "100.00")
    waiting = an_order(("CHAI", "1", "30.00"))
    deliver(service, waiting)
    published = record_published(service)
    record_payment(service, "in", CUSTOMER, MARCH_9, usd("30.00"), [allocation_of(invoice, "30.00")])
    assert [each for each in published() if isinstance(each, erp.CreditApproved)] == [
        erp.CreditApproved(waiting.order_id, CUSTOMER)
    ]


def test_a_payment_has_the_correlation_of_the_order_it_settles(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "100.00")
    before = len(stored_events(service))
    record_payment(service, "in", CUSTOMER, MARCH_9, usd("1.00"), [allocation_of(invoice, "1.00")])
    assert {event["meta"]["correlation_id"] for _, event in stored_events(service)[before:]} == {
        str(invoice.correlation_id)
    }


def test_a_reversed_payment_restores_all_balances(tmp_path: Path):
    service = an_erp(tmp_path, limit="100.00")
    (invoice,) = invoiced(service, "100.00")
    before = balances(service)
    payment = record_payment(service, "in", CUSTOMER, MARCH_5, usd("40.00"), [allocation_of(invoice, "40.00")])
    published = record_published(service)
    service.settlement.reverse_payment(payment.id, "typed twice")
    assert [each.open for each in published()] == [usd("100.00")]
    assert balances(service) == before
    assert service.receivables.get_credit_account(CUSTOMER).exposure == usd("100.00")


def test_a_payment_is_reversed_only_once(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "100.00")
    payment = record_payment(service, "in", CUSTOMER, MARCH_5, usd("40.00"), [allocation_of(invoice, "40.00")])
    service.settlement.reverse_payment(payment.id)
    before = len(stored_events(service))
    with pytest.raises(WrongStatus):
        service.settlement.reverse_payment(payment.id)
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
        record_payment(service, "in", CUSTOMER, MARCH_9, amount, [Allocation(invoice.id, allocated)])
    assert refused.value.field == field  # type: ignore[attr-defined]
    assert len(stored_events(service)) == before


def test_paying_the_invoice_of_another_customer_is_refused(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "100.00")
    stranger = uuid4()
    deliver(service, a_customer(None, stranger))
    with pytest.raises(InvalidInput) as refused:
        record_payment(service, "in", stranger, MARCH_9, usd("1.00"), [allocation_of(invoice, "1.00")])
    assert refused.value.field == "allocations/0/document_id"


def test_an_unknown_payer_is_refused_for_any_invoice(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "1.00")
    with pytest.raises(UnknownReference) as refused:
        record_payment(service, "in", uuid4(), MARCH_9, usd("1.00"), [allocation_of(invoice, "1.00")])
    assert refused.value.field == "party_id"


def test_a_payment_for_an_invoice_that_does_not_exist_is_refused_naming_it(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "1.00")
    missing = Allocation(uuid4(), usd("1.00"))
    with pytest.raises(InvalidInput) as refused:
        record_payment(service, "in", CUSTOMER, MARCH_9, usd("2.00"), [allocation_of(invoice, "1.00"), missing])
    assert refused.value.field == "allocations/1/document_id"


def test_an_overpayment_is_credit_and_settles_a_later_invoice(tmp_path: Path):
    service = an_erp(tmp_path, limit="1000.00")
    (one,) = invoiced(service, "100.00")
    payment = record_payment(service, "in", CUSTOMER, MARCH_5, usd("130.00"), [allocation_of(one, "100.00")])
    assert payment.unallocated == usd("30.00")
    assert balances(service) == accounts(a1000="130.00", a1200="-30.00", a4000="-100.00")
    assert service.receivables.get_credit_account(CUSTOMER).exposure == usd("-30.00")
    _, other = invoiced(service, "50.00")
    before, published = balances(service), record_published(service)
    allocated = service.settlement.allocate_payment(payment.id, [allocation_of(other, "30.00")])
    assert allocated.unallocated == usd(0)
    assert [(each.invoice_id, each.settled_by, each.open) for each in published()] == [
        (other.id, payment.id, usd("20.00"))
    ]
    assert balances(service) == before
    assert service.receivables.get_credit_account(CUSTOMER).exposure == usd("20.00")


def test_an_advance_payment_approves_orders(tmp_path: Path):
    service = an_erp(tmp_path, limit="0.00")
    order = an_order(("CHAI", "1", "30.00"))
    deliver(service, order)
    published = record_published(service)
    record_payment(service, "in", CUSTOMER, MARCH_5, usd("30.00"), [])
    assert published() == [erp.CreditApproved(order.order_id, CUSTOMER)]


@pytest.mark.parametrize(("amount", "refusal"), [("30.01", ExceedsOpenAmount), ("50.01", ExceedsOpenAmount)])
def test_an_allocation_exceeds_neither_the_credit_nor_the_open_amount(
    tmp_path: Path, amount: str, refusal: type[Exception]
):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "50.00")
    payment = record_payment(service, "in", CUSTOMER, MARCH_5, usd("30.00"), [])
    before = len(stored_events(service))
    with pytest.raises(refusal):
        service.settlement.allocate_payment(payment.id, [allocation_of(invoice, amount)])
    assert len(stored_events(service)) == before


def test_a_payment_allocated_later_is_reversed_as_a_whole(tmp_path: Path):
    service = an_erp(tmp_path, limit="1000.00")
    one, other = invoiced(service, "100.00", "50.00")
    before = balances(service)
    payment = record_payment(service, "in", CUSTOMER, MARCH_5, usd("130.00"), [allocation_of(one, "100.00")])
    service.settlement.allocate_payment(payment.id, [allocation_of(other, "20.00")])
    service.settlement.reverse_payment(payment.id, "bounced")
    assert [each.open for each in invoices(service)] == [usd("100.00"), usd("50.00")]
    assert balances(service) == before
    assert service.receivables.get_credit_account(CUSTOMER).exposure == usd("150.00")


def test_the_same_payment_twice_at_once_pays_once(tmp_path: Path):
    service = an_erp(tmp_path)
    (invoice,) = invoiced(service, "100.00")
    record_payment(service, "in", CUSTOMER, MARCH_9, usd("100.00"), [allocation_of(invoice, "100.00")])
    with pytest.raises(ExceedsOpenAmount):
        record_payment(service, "in", CUSTOMER, MARCH_9, usd("100.00"), [allocation_of(invoice, "100.00")])
    assert balances(service)["1000"] == Decimal("100.00")
