"""Reactions of valuation to the events of other services, in any order."""

from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from uuid import uuid4

import pytest

from services.erp.service import Erp
from services.erp.valuation.domain.purchase_valuation import PurchaseValuation
from services.erp.valuation.domain.stock_value import StockValue
from shared.contracts import PublishedEvent, scm
from shared.testing import end_of
from shared.testing.services import deliver
from tests.unit.erp.examples import (
    MARCH_1,
    MARCH_5,
    MARCH_9,
    SUPPLIER,
    a_count,
    a_purchase,
    a_receipt,
    a_receipt_reversed,
    a_revision,
    a_shipment,
    accounts,
    an_erp,
    an_order,
    balances,
    entries,
    receive_stock,
    stored_events,
    usd,
)


def worth(service: Erp, sku: str) -> tuple[str, str]:
    stock = service.runner.run(lambda: service.runner.uow.get_or_create(StockValue, sku=sku, warehouse="MAIN"))
    return f"{stock.quantity.normalize():f}", str(None if stock.value is None else stock.value.amount)


def test_received_goods_are_posted_at_the_order_price(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = a_purchase(("CHAI", "10", "12.60"), ("TOFU", "3", "16.28"))
    deliver(service, purchase, a_receipt(purchase, "4", "1"), deliveries=2)
    (entry,) = entries(service, "goods_received")
    zero = {"amount": "0.00", "currency": "USD"}
    paid = {"amount": "66.68", "currency": "USD"}
    assert entry["postings"] == [
        {"account": "1400", "debit": paid, "credit": zero, "party": None, "role": "stock"},
        {
            "account": "2100", "debit": zero, "credit": paid, "party": str(SUPPLIER),
            "role": "goods_received_not_invoiced",
        },
    ]  # fmt: skip
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


def test_dispatched_goods_cost_their_average(tmp_path: Path):
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


def test_a_late_receipt_posts_the_difference_on_the_day_of_the_recosted_goods(tmp_path: Path):
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


def test_one_cause_posts_one_adjustment_per_day_for_all_items(tmp_path: Path):
    service = an_erp(tmp_path)
    receive_stock(service, ("CHAI", "2", "10.00"), ("TOFU", "2", "10.00"))
    order = an_order(("CHAI", "2", "20.00"), ("TOFU", "2", "20.00"))
    deliver(service, order, a_shipment(order, "1", "1", on=MARCH_9), a_shipment(order, "1", "1", on=MARCH_5))
    receive_stock(service, ("CHAI", "2", "30.00"), ("TOFU", "2", "50.00"), on=MARCH_1 + timedelta(days=1))
    assert [entry["posted_on"] for entry in entries(service, "cost_adjustment")] == ["2026-03-05", "2026-03-09"]
    assert balances(service)["5000"] == Decimal("100.00")


def test_goods_bought_in_another_currency_have_no_value(tmp_path: Path):
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


def test_a_reversed_receipt_leaves_no_balance(tmp_path: Path):
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
    messages: list[PublishedEvent] = [receipt, a_receipt_reversed(receipt)]
    messages.insert(way, purchase)
    deliver(service, *messages, deliveries=2)
    assert balances(service) == {}


def test_a_revised_price_changes_stock_on_hand_and_cost_of_goods_sold(tmp_path: Path):
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
    messages: list[PublishedEvent] = [
        purchase,
        a_revision(purchase, "15.00"),
        a_revision(purchase, "13.00", revision=2),
    ]
    messages.insert(way + 1, a_receipt(purchase, "4"))
    deliver(service, *messages, a_receipt(purchase, "6"), deliveries=2)
    assert balances(service) == accounts(a1400="130.00", a2100="-130.00")


def test_a_receipt_of_an_unknown_line_is_valued_after_the_revision(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = a_purchase(("CHAI", "10", "12.00"))
    revised = a_revision(a_purchase(("CHAI", "10", "12.00"), ("TOFU", "2", "5.00")), "12.00", "5.00", of=purchase)
    receipt = scm.GoodsReceived(
        uuid4(), purchase.purchase_order_id, "MAIN", MARCH_5, end_of(MARCH_5),
        (scm.GoodsLine(1, "CHAI", Decimal(10)), scm.GoodsLine(2, "TOFU", Decimal(2))),
    )  # fmt: skip
    deliver(service, purchase, receipt)
    assert balances(service) == {}
    deliver(service, revised)
    assert balances(service) == accounts(a1400="130.00", a2100="-130.00")


def test_a_removed_line_keeps_its_price_for_later_receipts(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = a_purchase(("CHAI", "10", "12.00"), ("TOFU", "2", "5.00"))
    deliver(service, purchase, a_revision(purchase, "12.00"), a_receipt(purchase))
    assert balances(service) == accounts(a1400="130.00", a2100="-130.00")


def test_received_quantity_and_value_of_each_line_are_known(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase = a_purchase(("CHAI", "10", "12.00"), ("TOFU", "2", "5.00"))
    first, second = a_receipt(purchase, "4", "1"), a_receipt(purchase, "5", "1")
    deliver(service, purchase, first, second, a_receipt_reversed(first), a_revision(purchase, "15.00", "5.00"))
    known = service.runner.run(
        lambda: service.runner.uow.get_or_create(PurchaseValuation, purchase_order_id=purchase.purchase_order_id)
    )
    assert [(known.received_quantity(line), known.received_value(line)) for line in (1, 2)] == [
        (5, usd("75.00")), (1, usd("5.00")),
    ]  # fmt: skip


def test_count_differences_are_adjustments_of_their_day(tmp_path: Path):
    service = an_erp(tmp_path)
    receive_stock(service, ("CHAI", "10", "12.00"), ("TOFU", "4", "5.00"))
    deliver(service, a_count(MARCH_9, CHAI="7", TOFU="6"), deliveries=2)
    (entry,) = entries(service, "stock_counted")
    assert (entry["posted_on"], sides(entry)) == (
        "2026-03-09", [("5200", "26.00", "0.00"), ("1400", "0.00", "26.00")],
    )  # fmt: skip
    assert (worth(service, "CHAI"), worth(service, "TOFU")) == (("7", "84.00"), ("6", "30.00"))


def test_a_count_without_difference_posts_no_entry(tmp_path: Path):
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
