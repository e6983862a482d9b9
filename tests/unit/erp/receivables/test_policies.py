"""Reactions of receivables to the events of other services, in any order."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

from services.erp.receivables.domain.credit_account import CreditAccount
from services.erp.service import Erp
from services.erp.settlement.domain.payment import Allocation
from shared.contracts import crm, erp, scm
from shared.testing.services import deliver, open_service
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
    entries,
    invoices,
    receive_stock,
    record_payment,
    record_published,
    stored_events,
    usd,
)


def exposure(service: Erp) -> str:
    return str(service.receivables.get_credit_account(CUSTOMER).exposure_in("USD").amount)


def test_an_order_within_the_limit_is_approved(tmp_path: Path):
    service = an_erp(tmp_path, limit="200.00")
    published = record_published(service)
    order = an_order(("CHAI", "10", "18.00"), freight="20.00")
    deliver(service, order, deliveries=2)
    assert published() == [erp.CreditApproved(order.order_id, CUSTOMER)]
    assert exposure(service) == "200.00"


def test_an_order_beyond_the_limit_is_held(tmp_path: Path):
    service = an_erp(tmp_path, limit="200.00")
    published = record_published(service)
    first, second = an_order(("CHAI", "10", "18.00")), an_order(("CHAI", "2", "18.00"))
    deliver(service, first, second)
    assert published() == [
        erp.CreditApproved(first.order_id, CUSTOMER),
        erp.CreditHeld(second.order_id, CUSTOMER, usd("200.00"), usd("180.00"), usd("36.00")),
    ]


def test_an_unknown_customer_gets_no_credit_until_it_is_received(tmp_path: Path):
    service = open_service(Erp, tmp_path)
    published = record_published(service)
    order = an_order(("CHAI", "1", "18.00"))
    deliver(service, order, a_customer(None))
    assert published() == [
        erp.CreditHeld(order.order_id, CUSTOMER, usd("0"), usd("0"), usd("18.00")),
        erp.CreditApproved(order.order_id, CUSTOMER),
    ]


def test_a_higher_limit_approves_held_orders_oldest_first(tmp_path: Path):
    service = an_erp(tmp_path, limit="10.00")
    orders = [an_order(("CHAI", "1", "18.00")) for _ in range(3)]
    deliver(service, *orders)
    published = record_published(service)
    deliver(service, crm.CustomerTermsChanged(CUSTOMER, 14, usd("40.00")))
    assert published() == [erp.CreditApproved(each.order_id, CUSTOMER) for each in orders[:2]]


def test_a_cancelled_order_releases_its_credit_once(tmp_path: Path):
    service = an_erp(tmp_path, limit="20.00")
    first, second = an_order(("CHAI", "1", "18.00")), an_order(("CHAI", "1", "15.00"))
    deliver(service, first, second)
    published = record_published(service)
    deliver(service, scm.CancellationGranted(first.order_id, "changed their mind", ()), deliveries=2)
    assert (published(), exposure(service)) == ([erp.CreditApproved(second.order_id, CUSTOMER)], "15.00")


def test_an_order_closed_twice_releases_its_credit_once(tmp_path: Path):
    service = an_erp(tmp_path, limit="20.00")
    order = an_order(("CHAI", "1", "18.00"))
    deliver(service, order, *(scm.CancellationGranted(order.order_id, why, ()) for why in ("first", "second")))
    assert exposure(service) == "0.00"


def test_a_rejected_order_releases_its_credit(tmp_path: Path):
    service = an_erp(tmp_path, limit="20.00")
    order = an_order(("CHAI", "1", "18.00"))
    deliver(service, order, scm.OrderRejected(order.order_id, "shortage", ("CHAI",)))
    assert exposure(service) == "0.00"


def test_a_held_order_that_is_cancelled_is_not_approved_later(tmp_path: Path):
    service = an_erp(tmp_path, limit="10.00")
    order = an_order(("CHAI", "1", "18.00"))
    deliver(service, order, scm.CancellationGranted(order.order_id, "too slow", ()))
    published = record_published(service)
    deliver(service, crm.CustomerTermsChanged(CUSTOMER, 30, None))
    assert (published(), exposure(service)) == ([], "0.00")


def test_an_order_cancelled_before_it_was_received_gets_no_credit(tmp_path: Path):
    service = an_erp(tmp_path, limit="20.00")
    published = record_published(service)
    order = an_order(("CHAI", "1", "18.00"))
    deliver(service, scm.CancellationGranted(order.order_id, "at once", ()), order)
    assert (published(), exposure(service)) == ([], "0.00")


def test_shipped_goods_of_a_cancelled_order_are_still_owed(tmp_path: Path):
    service = an_erp(tmp_path, limit="200.00")
    order = an_order(("CHAI", "10", "18.00"), freight="5.00")
    deliver(service, order, a_shipment(order, "4"), scm.CancellationGranted(order.order_id, "enough", ()))
    assert exposure(service) == "77.00"
    assert balances(service)["1200"] == Decimal("77.00")


def test_of_fifty_orders_only_those_within_the_limit_are_approved(tmp_path: Path):
    service = an_erp(tmp_path, limit="100.00")
    published = record_published(service)
    deliver(service, *(an_order(("CHAI", "1", "7.00")) for _ in range(50)))
    approved = [each for each in published() if isinstance(each, erp.CreditApproved)]
    assert (len(approved), exposure(service)) == (14, "98.00")


def test_exactly_the_dispatched_goods_are_invoiced_with_the_freight_once(tmp_path: Path):
    service = an_erp(tmp_path)
    order = an_order(("CHAI", "10", "18.00"), ("TOFU", "5", "9.00"), freight="32.38")
    deliver(service, order)
    published = record_published(service)
    first, rest = a_shipment(order, "4", "5"), a_shipment(order, "6", on=MARCH_9)
    deliver(service, first, rest, deliveries=2)
    posted = [each for each in published() if isinstance(each, erp.InvoicePosted)]
    assert [(each.series, each.number, each.shipment_id, each.invoiced_on, each.due_on) for each in posted] == [
        ("invoices", "1", first.shipment_id, MARCH_5, MARCH_5 + timedelta(days=30)),
        ("invoices", "2", rest.shipment_id, MARCH_9, MARCH_9 + timedelta(days=30)),
    ]
    assert [(each.freight, each.total) for each in posted] == [
        (usd("32.38"), usd("149.38")),
        (usd("0"), usd("108.00")),
    ]
    assert posted[0].lines == (
        erp.InvoiceLine(1, "CHAI", Decimal(4), usd("72.00")),
        erp.InvoiceLine(2, "TOFU", Decimal(5), usd("45.00")),
    )


def test_an_invoice_is_posted_in_one_entry(tmp_path: Path):
    service = an_erp(tmp_path)
    order = an_order(("CHAI", "10", "18.00"), freight="32.38")
    deliver(service, order, a_shipment(order))
    (entry,) = entries(service, "invoice")
    assert [(each["account"], each["party"]) for each in entry["postings"]] == [
        ("1200", str(CUSTOMER)), ("4000", None), ("4100", None),
    ]  # fmt: skip
    assert balances(service) == accounts(a1200="212.38", a4000="-180.00", a4100="-32.38")


def test_invoicing_does_not_change_the_exposure(tmp_path: Path):
    service = an_erp(tmp_path, limit="300.00")
    order = an_order(("CHAI", "10", "18.00"), freight="32.38")
    deliver(service, order)
    before = exposure(service)
    deliver(service, a_shipment(order, "3"), a_shipment(order, "7"))
    assert exposure(service) == before == "212.38"


def test_free_goods_are_invoiced_without_an_entry(tmp_path: Path):
    service = an_erp(tmp_path)
    order = an_order(("CHAI", "10", "0.00"))
    deliver(service, order, a_shipment(order))
    (invoice,) = invoices(service)
    assert (invoice.status, balances(service)) == ("paid", {})


def test_a_shipment_received_before_its_order_is_invoiced_with_the_order(tmp_path: Path):
    service = an_erp(tmp_path)
    order = an_order(("CHAI", "10", "18.00"))
    deliver(service, a_shipment(order))
    assert invoices(service) == []
    deliver(service, order)
    assert [(each.number, each.invoiced_on) for each in invoices(service)] == [("1", MARCH_5)]


def test_an_order_costs_few_events(tmp_path: Path):
    service = an_erp(tmp_path, limit="1000.00")
    receive_stock(service, ("CHAI", "10", "10.00"), ("TOFU", "10", "10.00"), ("IKURA", "10", "10.00"))
    before = len(stored_events(service))
    order = an_order(("CHAI", "1", "18.00"), ("TOFU", "1", "18.00"), ("IKURA", "1", "18.00"))
    deliver(service, order, a_shipment(order))
    (invoice,) = invoices(service)
    part = Allocation(invoice.id, invoice.total)
    record_payment(service, "in", CUSTOMER, MARCH_9, invoice.total, [part])
    assert [name for name, _ in stored_events(service)[before:]] == [
        "SalesOrderInvoicing.Opened", "CreditAccount.OrderApproved",
        "StockValue.Issued", "StockValue.Issued", "StockValue.Issued", "JournalEntry.Posted",
        "SalesOrderInvoicing.ShipmentInvoiced", "Invoice.Posted", "JournalEntry.Posted",
        "Invoice.Settled", "Payment.Recorded", "CreditAccount.PaymentApplied", "JournalEntry.Posted",
    ]  # fmt: skip


def test_events_of_an_order_have_its_correlation(tmp_path: Path):
    service = an_erp(tmp_path)
    order = an_order(("CHAI", "1", "18.00"))
    before = len(stored_events(service))
    deliver(service, order)
    stories = {UUID(event["meta"]["correlation_id"]) for _, event in stored_events(service)[before:]}
    assert len(stories) == 1


def test_credit_accounts_of_customers_are_independent(tmp_path: Path):
    service = an_erp(tmp_path, limit="10.00")
    other = uuid4()
    deliver(service, a_customer("100.00", other), an_order(("CHAI", "1", "60.00"), customer_id=other))
    assert service.runner.run(lambda: service.runner.uow.get_or_create(CreditAccount, customer_id=other)).exposure_in(
        "USD"
    ) == usd("60.00")
    assert exposure(service) == "0.00"
