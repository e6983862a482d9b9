"""Reactions of ERP to the events of other services: real store, real policies, messages in any order."""

from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.erp.domain.credit_account import CreditAccount
from services.erp.domain.purchase_valuation import PurchaseValuation
from services.erp.domain.stock_value import StockValue
from services.erp.service import Erp
from shared.contracts import Contract, crm, erp, scm
from shared.testing.services import deliver, open_service
from tests.unit.erp.examples import (
    CUSTOMER,
    MARCH_1,
    MARCH_5,
    MARCH_9,
    SUPPLIER,
    a_count,
    a_customer,
    a_purchase,
    a_receipt,
    a_receipt_reversed,
    a_revision,
    a_shipment,
    accounts,
    an_erp,
    an_order,
    balances,
    invoices,
    receive_stock,
    record_published,
    stored_events,
    usd,
)


def entries(service: Erp, kind: str) -> list[dict[str, list[dict[str, str]]]]:
    return [entry for name, entry in stored_events(service) if name == "JournalEntry.Posted" and entry["kind"] == kind]


def worth(service: Erp, sku: str) -> tuple[str, str]:
    stock = service.run(lambda: service.get_or_create(StockValue, sku=sku, warehouse="MAIN"))
    return f"{stock.quantity.normalize():f}", str(None if stock.value is None else stock.value.amount)


def exposure(service: Erp) -> str:
    return str(service.get_credit_account(CUSTOMER).exposure_in("USD").amount)


# -- credit


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


def test_a_higher_limit_lets_held_orders_go_oldest_first(tmp_path: Path):
    service = an_erp(tmp_path, limit="10.00")
    orders = [an_order(("CHAI", "1", "18.00")) for _ in range(3)]
    deliver(service, *orders)
    published = record_published(service)
    deliver(service, crm.CustomerTermsChanged(CUSTOMER, 14, usd("40.00")))
    assert published() == [erp.CreditApproved(each.order_id, CUSTOMER) for each in orders[:2]]


def test_a_cancelled_order_frees_its_credit_once(tmp_path: Path):
    service = an_erp(tmp_path, limit="20.00")
    first, second = an_order(("CHAI", "1", "18.00")), an_order(("CHAI", "1", "15.00"))
    deliver(service, first, second)
    published = record_published(service)
    deliver(service, scm.CancellationGranted(first.order_id, "changed their mind", ()), deliveries=2)
    assert (published(), exposure(service)) == ([erp.CreditApproved(second.order_id, CUSTOMER)], "15.00")


def test_an_order_stopped_twice_frees_its_credit_once(tmp_path: Path):
    service = an_erp(tmp_path, limit="20.00")
    order = an_order(("CHAI", "1", "18.00"))
    deliver(service, order, *(scm.CancellationGranted(order.order_id, why, ()) for why in ("first", "second")))
    assert exposure(service) == "0.00"


def test_an_order_that_cannot_be_filled_frees_its_credit(tmp_path: Path):
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


def test_what_was_shipped_of_a_cancelled_order_is_still_owed(tmp_path: Path):
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


# -- stock


def test_received_goods_are_booked_at_the_order_price(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = a_purchase(("CHAI", "10", "12.60"), ("TOFU", "3", "16.28"))
    deliver(service, purchase, a_receipt(purchase, "4", "1"), deliveries=2)
    (entry,) = entries(service, "goods_received")
    zero = {"amount": "0.00", "currency": "USD"}
    paid = {"amount": "66.68", "currency": "USD"}
    assert entry["postings"] == [
        {"account": "1400", "debit": paid, "credit": zero, "party": None},
        {"account": "2100", "debit": zero, "credit": paid, "party": str(SUPPLIER)},
    ]
    assert entry["posted_on"] == "2026-03-01"
    assert (worth(service, "CHAI"), worth(service, "TOFU")) == (("4", "50.40"), ("1", "16.28"))


def test_goods_received_before_their_price_are_valued_once_it_is_known(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = a_purchase(("CHAI", "10", "12.60"))
    deliver(service, a_receipt(purchase, "4"), a_receipt(purchase, "6"))
    assert balances(service) == {}
    deliver(service, purchase, deliveries=2)
    assert balances(service) == accounts(a1400="126.00", a2100="-126.00")
    assert worth(service, "CHAI") == ("10", "126.00")


def test_goods_that_leave_cost_their_average(tmp_path: Path):
    service = an_erp(tmp_path)
    receive_stock(service, ("CHAI", "10", "12.00"), ("TOFU", "4", "5.00"))
    receive_stock(service, ("CHAI", "10", "14.00"))
    order = an_order(("CHAI", "5", "20.00"), ("TOFU", "1", "9.00"))
    deliver(service, order, a_shipment(order), deliveries=2)
    (entry,) = entries(service, "cost_of_goods_sold")
    assert [(each["account"], each["debit"]["amount"], each["credit"]["amount"]) for each in entry["postings"]] == [
        ("5000", "70.00", "0.00"),
        ("1400", "0.00", "70.00"),
    ]
    assert entry["posted_on"] == "2026-03-05"
    assert (worth(service, "CHAI"), worth(service, "TOFU")) == (("15", "195.00"), ("3", "15.00"))


def test_a_late_receipt_books_the_difference_on_the_day_of_the_goods_it_recosts(tmp_path: Path):
    service = an_erp(tmp_path)
    receive_stock(service, ("CHAI", "1", "10.00"))
    order = an_order(("CHAI", "1", "20.00"))
    deliver(service, order, a_shipment(order, on=MARCH_9))
    purchase = a_purchase(("CHAI", "1", "20.00"))
    receipt = a_receipt(purchase, on=MARCH_5)
    deliver(service, purchase, receipt)
    (recosting,) = entries(service, "cost_adjustment")
    assert (recosting["posted_on"], recosting["document_id"]) == ("2026-03-09", str(receipt.receipt_id))
    assert [(each["account"], each["debit"]["amount"], each["credit"]["amount"]) for each in recosting["postings"]] == [
        ("5000", "5.00", "0.00"),
        ("1400", "0.00", "5.00"),
    ]
    assert balances(service)["5000"] == Decimal("15.00")


def test_one_cause_books_one_difference_a_day_for_all_items(tmp_path: Path):
    service = an_erp(tmp_path)
    receive_stock(service, ("CHAI", "2", "10.00"), ("TOFU", "2", "10.00"))
    order = an_order(("CHAI", "2", "20.00"), ("TOFU", "2", "20.00"))
    deliver(service, order, a_shipment(order, "1", "1", on=MARCH_9), a_shipment(order, "1", "1", on=MARCH_5))
    receive_stock(service, ("CHAI", "2", "30.00"), ("TOFU", "2", "50.00"), on=MARCH_1 + timedelta(days=1))
    assert [entry["posted_on"] for entry in entries(service, "cost_adjustment")] == ["2026-03-05", "2026-03-09"]
    assert balances(service)["5000"] == Decimal("100.00")


def test_goods_bought_abroad_stay_without_value_until_there_are_rates(tmp_path: Path):
    service = an_erp(tmp_path)
    receive_stock(service, ("CHAI", "1", "10.00"))
    purchase = a_purchase(("CHAI", "1", "9.00"), currency="EUR")
    deliver(service, purchase, a_receipt(purchase))
    assert "StockValue.ValuationSkipped" in [name for name, _ in stored_events(service)]
    assert balances(service) == accounts(a1400="10.00", a2100="-10.00")


@pytest.mark.parametrize("way", range(6))
def test_stock_has_the_same_value_in_any_order_of_price_receipt_and_shipment(tmp_path: Path, way: int):
    service = an_erp(tmp_path)
    receive_stock(service, ("CHAI", "2", "10.00"))
    order = an_order(("CHAI", "3", "20.00"))
    deliver(service, order)
    purchase = a_purchase(("CHAI", "4", "13.00"))
    messages = purchase, a_receipt(purchase, on=MARCH_5), a_shipment(order, on=MARCH_9)
    deliver(service, *list(permutations(messages))[way])
    assert balances(service) == accounts(a1200="60.00", a1400="36.00", a2100="-72.00", a4000="-60.00", a5000="36.00")
    assert worth(service, "CHAI") == ("3", "36.00")


def sides(entry: dict[str, list[dict[str, str]]]) -> list[tuple[str, str, str]]:
    return [(each["account"], each["debit"]["amount"], each["credit"]["amount"]) for each in entry["postings"]]


def test_a_receipt_taken_back_was_never_in_the_books(tmp_path: Path):
    service = an_erp(tmp_path)
    receive_stock(service, ("CHAI", "2", "10.00"))
    purchase = a_purchase(("CHAI", "4", "16.00"), ("TOFU", "1", "5.00"))
    receipt = a_receipt(purchase)
    order = an_order(("CHAI", "2", "20.00"))
    deliver(service, purchase, receipt, order, a_shipment(order), a_receipt_reversed(receipt), deliveries=2)
    assert balances(service) == accounts(a1200="40.00", a2100="-20.00", a4000="-40.00", a5000="20.00")
    assert [(entry["posted_on"], sides(entry)) for entry in entries(service, "receipt_reversed")] == [
        ("2026-03-01", [("1400", "0.00", "69.00"), ("2100", "69.00", "0.00")]),
        ("2026-03-05", [("5000", "0.00", "8.00"), ("1400", "8.00", "0.00")]),
    ]
    assert (worth(service, "CHAI"), worth(service, "TOFU")) == (("0", "0.00"), ("0", "0.00"))


@pytest.mark.parametrize("way", range(3))
def test_a_receipt_is_reversed_before_or_after_its_price_is_known(tmp_path: Path, way: int):
    service = an_erp(tmp_path)
    purchase = a_purchase(("CHAI", "4", "16.00"))
    receipt = a_receipt(purchase)
    messages: list[Contract] = [receipt, a_receipt_reversed(receipt)]
    messages.insert(way, purchase)
    deliver(service, *messages, deliveries=2)
    assert balances(service) == {}


def test_goods_already_here_are_worth_the_revised_price_and_those_that_left_cost_it(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = a_purchase(("CHAI", "10", "12.00"), ("TOFU", "1", "5.00"))
    order = an_order(("CHAI", "4", "20.00"))
    deliver(
        service,
        purchase,
        a_receipt(purchase),
        order,
        a_shipment(order),
        a_revision(purchase, "15.00", "5.00"),
        deliveries=2,
    )
    assert balances(service) == accounts(a1200="80.00", a1400="95.00", a2100="-155.00", a4000="-80.00", a5000="60.00")
    assert [(entry["posted_on"], sides(entry)) for entry in entries(service, "price_revised")] == [
        ("2026-03-01", [("1400", "30.00", "0.00"), ("2100", "0.00", "30.00")]),
        ("2026-03-05", [("5000", "12.00", "0.00"), ("1400", "0.00", "12.00")]),
    ]
    assert worth(service, "CHAI") == ("6", "90.00")


@pytest.mark.parametrize("way", range(3))
def test_a_revised_price_applies_in_any_order_of_the_events(tmp_path: Path, way: int):
    service = an_erp(tmp_path)
    purchase = a_purchase(("CHAI", "10", "12.00"))
    messages: list[Contract] = [purchase, a_revision(purchase, "15.00"), a_revision(purchase, "13.00", revision=2)]
    messages.insert(way + 1, a_receipt(purchase, "4"))
    deliver(service, *messages, a_receipt(purchase, "6"), deliveries=2)
    assert balances(service) == accounts(a1400="130.00", a2100="-130.00")


def test_goods_of_an_unknown_line_wait_for_the_revision(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = a_purchase(("CHAI", "10", "12.00"))
    revised = a_revision(a_purchase(("CHAI", "10", "12.00"), ("TOFU", "2", "5.00")), "12.00", "5.00", of=purchase)
    receipt = scm.GoodsReceived(
        uuid4(), purchase.purchase_order_id, "MAIN", MARCH_5,
        (scm.GoodsLine(1, "CHAI", Decimal(10)), scm.GoodsLine(2, "TOFU", Decimal(2))),
    )  # fmt: skip
    deliver(service, purchase, receipt)
    assert balances(service) == {}
    deliver(service, revised)
    assert balances(service) == accounts(a1400="130.00", a2100="-130.00")


def test_a_line_that_left_the_order_keeps_its_price_for_what_is_on_its_way(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = a_purchase(("CHAI", "10", "12.00"), ("TOFU", "2", "5.00"))
    deliver(service, purchase, a_revision(purchase, "12.00"), a_receipt(purchase))
    assert balances(service) == accounts(a1400="130.00", a2100="-130.00")


def test_what_came_of_each_line_is_known_with_what_it_was_taken_in_for(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = a_purchase(("CHAI", "10", "12.00"), ("TOFU", "2", "5.00"))
    first, second = a_receipt(purchase, "4", "1"), a_receipt(purchase, "5", "1")
    deliver(service, purchase, first, second, a_receipt_reversed(first), a_revision(purchase, "15.00", "5.00"))
    known = service.run(lambda: service.get_or_create(PurchaseValuation, purchase_order_id=purchase.purchase_order_id))
    assert [(known.received_quantity(line), known.received_value(line)) for line in (1, 2)] == [
        (5, usd("75.00")), (1, usd("5.00")),
    ]  # fmt: skip


# -- counts


def test_what_a_count_missed_or_found_is_an_adjustment_of_its_day(tmp_path: Path):
    service = an_erp(tmp_path)
    receive_stock(service, ("CHAI", "10", "12.00"), ("TOFU", "4", "5.00"))
    deliver(service, a_count(MARCH_9, CHAI="7", TOFU="6"), deliveries=2)
    (entry,) = entries(service, "stock_counted")
    assert (entry["posted_on"], sides(entry)) == (
        "2026-03-09", [("5200", "26.00", "0.00"), ("1400", "0.00", "26.00")],
    )  # fmt: skip
    assert (worth(service, "CHAI"), worth(service, "TOFU")) == (("7", "84.00"), ("6", "30.00"))


def test_a_count_of_what_is_there_books_nothing(tmp_path: Path):
    service = an_erp(tmp_path)
    receive_stock(service, ("CHAI", "10", "12.00"))
    deliver(service, a_count(MARCH_9, CHAI="10"))
    assert entries(service, "stock_counted") == []


def test_late_events_before_a_count_change_the_adjustment_and_not_the_counted_quantity(tmp_path: Path):
    service = an_erp(tmp_path)
    receive_stock(service, ("CHAI", "10", "12.00"))
    order = an_order(("CHAI", "2", "20.00"))
    deliver(service, order, a_count(MARCH_9, CHAI="7"))
    dispatched = a_shipment(order, on=MARCH_5)
    deliver(service, dispatched)
    (recosting,) = entries(service, "cost_adjustment")
    assert (recosting["posted_on"], recosting["document_id"]) == ("2026-03-09", str(dispatched.shipment_id))
    assert sides(recosting) == [("5200", "0.00", "24.00"), ("1400", "24.00", "0.00")]
    assert worth(service, "CHAI") == ("7", "84.00")
    assert {account: balances(service)[account] for account in ("1400", "5000", "5200")} == accounts(
        a1400="84.00", a5000="24.00", a5200="12.00"
    )


# -- invoices


def test_exactly_what_left_is_invoiced_with_the_freight_once(tmp_path: Path):
    service = an_erp(tmp_path)
    order = an_order(("CHAI", "10", "18.00"), ("TOFU", "5", "9.00"), freight="32.38")
    deliver(service, order)
    published = record_published(service)
    first, rest = a_shipment(order, "4", "5"), a_shipment(order, "6", on=MARCH_9)
    deliver(service, first, rest, deliveries=2)
    posted = [each for each in published() if isinstance(each, erp.InvoicePosted)]
    assert [(each.series, each.number, each.shipment_id, each.invoiced_on, each.due_on) for each in posted] == [
        ("invoices", 1, first.shipment_id, MARCH_5, MARCH_5 + timedelta(days=30)),
        ("invoices", 2, rest.shipment_id, MARCH_9, MARCH_9 + timedelta(days=30)),
    ]
    assert [(each.freight, each.total) for each in posted] == [
        (usd("32.38"), usd("149.38")),
        (usd("0"), usd("108.00")),
    ]
    assert posted[0].lines == (
        erp.InvoiceLine(1, "CHAI", Decimal(4), usd("72.00")),
        erp.InvoiceLine(2, "TOFU", Decimal(5), usd("45.00")),
    )


def test_an_invoice_is_booked_in_one_entry(tmp_path: Path):
    service = an_erp(tmp_path)
    order = an_order(("CHAI", "10", "18.00"), freight="32.38")
    deliver(service, order, a_shipment(order))
    (entry,) = entries(service, "invoice")
    assert [(each["account"], each["party"]) for each in entry["postings"]] == [
        ("1200", str(CUSTOMER)), ("4000", None), ("4100", None),
    ]  # fmt: skip
    assert balances(service) == accounts(a1200="212.38", a4000="-180.00", a4100="-32.38")


def test_invoicing_does_not_change_what_the_customer_owes_in_all(tmp_path: Path):
    service = an_erp(tmp_path, limit="300.00")
    order = an_order(("CHAI", "10", "18.00"), freight="32.38")
    deliver(service, order)
    before = exposure(service)
    deliver(service, a_shipment(order, "3"), a_shipment(order, "7"))
    assert exposure(service) == before == "212.38"


def test_goods_given_away_are_invoiced_and_need_no_entry(tmp_path: Path):
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
    assert [(each.number, each.invoiced_on) for each in invoices(service)] == [(1, MARCH_5)]


def test_an_order_costs_few_events(tmp_path: Path):
    service = an_erp(tmp_path, limit="1000.00")
    receive_stock(service, ("CHAI", "10", "10.00"), ("TOFU", "10", "10.00"), ("IKURA", "10", "10.00"))
    before = len(stored_events(service))
    order = an_order(("CHAI", "1", "18.00"), ("TOFU", "1", "18.00"), ("IKURA", "1", "18.00"))
    deliver(service, order, a_shipment(order))
    (invoice,) = invoices(service)
    part = {"document_id": invoice.id, "amount": invoice.total}
    service.record_payment("in", CUSTOMER, MARCH_9, invoice.total, [part])
    assert [name for name, _ in stored_events(service)[before:]] == [
        "SalesOrderInvoicing.Opened", "CreditAccount.OrderApproved",
        "StockValue.Issued", "StockValue.Issued", "StockValue.Issued", "JournalEntry.Posted",
        "SalesOrderInvoicing.ShipmentInvoiced", "Invoice.Posted", "JournalEntry.Posted",
        "Invoice.PaymentApplied", "Payment.Recorded", "CreditAccount.PaymentApplied", "JournalEntry.Posted",
    ]  # fmt: skip


def test_events_of_an_order_have_its_correlation(tmp_path: Path):
    service = an_erp(tmp_path)
    order = an_order(("CHAI", "1", "18.00"))
    before = len(stored_events(service))
    deliver(service, order)
    stories = {UUID(event["meta"]["correlation_id"]) for _, event in stored_events(service)[before:]}
    assert len(stories) == 1


def test_credit_accounts_of_customers_do_not_meet(tmp_path: Path):
    service = an_erp(tmp_path, limit="10.00")
    other = uuid4()
    deliver(service, a_customer("100.00", other), an_order(("CHAI", "1", "60.00"), customer_id=other))
    assert service.run(lambda: service.get_or_create(CreditAccount, customer_id=other)).exposure_in("USD") == usd(
        "60.00"
    )
    assert exposure(service) == "0.00"
