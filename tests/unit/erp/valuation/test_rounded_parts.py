"""Rounded parts add up to the whole: what is received in parts is worth quantity x price, rounded once."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.erp.payables.domain.supplier_invoice import Status
from services.erp.service import Erp
from shared.contracts import scm, srm
from shared.money import Money
from shared.testing.services import deliver
from shared.testing.web import usd
from tests.unit.erp.caller import create_erp_client
from tests.unit.erp.examples import (
    MARCH_1,
    MARCH_5,
    MARCH_9,
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
    record_supplier_invoice,
)


def receive_in_parts(
    service: Erp, price: str, parts: Sequence[str]
) -> tuple[srm.PurchaseOrderSent, list[scm.GoodsReceived]]:
    total = str(sum(map(Decimal, parts), Decimal(0)))
    purchase = a_purchase(("CHAI", total, price))
    receipts = [a_receipt(purchase, each) for each in parts]
    deliver(service, purchase, *receipts)
    return purchase, receipts


@pytest.mark.case("B51")
def test_a_kilogram_in_ten_parts_is_worth_its_price(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase, _ = receive_in_parts(service, "12.05", ["0.1"] * 10)
    assert balances(service) == accounts(a1400="12.05", a2100="-12.05")
    assert create_erp_client(service).get("/stock-value").json["totals"]["value"] == usd("12.05")
    assert record_supplier_invoice(service, purchase).status == Status.MATCHED
    assert balances(service) == accounts(a1400="12.05", a2000="-12.05"), "no price variance"


@pytest.mark.case("B51")
@pytest.mark.parametrize(("price", "parts"), [("0.05", ["0.5"] * 3), ("10.00", ["0.3333"] * 3), ("1.25", ["0.1"] * 7)])
def test_other_parts_add_up_as_well(tmp_path: Path, price: str, parts: list[str]):
    service = an_erp(tmp_path)
    receive_in_parts(service, price, parts)
    whole = Money(price, "USD").multiply(sum(map(Decimal, parts), Decimal(0)))
    assert balances(service)["1400"] == whole.amount


@pytest.mark.case("B51")
def test_invoices_in_parts_clear_what_was_received(tmp_path: Path):
    service = an_erp(tmp_path)
    purchase, _ = receive_in_parts(service, "12.05", ["0.1"] * 10)
    for number in range(10):
        record_supplier_invoice(service, purchase, ("CHAI", "0.1", "12.05"), number=f"{number}-A")
    found = balances(service)
    assert "2100" not in found
    assert found["2000"] + found["1400"] + found["5100"] == 0


def test_the_parts_left_after_a_reversal_add_up(tmp_path: Path):
    service = an_erp(tmp_path)
    _, receipts = receive_in_parts(service, "12.05", ["0.1"] * 10)
    for each in receipts[2:7]:
        deliver(service, a_receipt_reversed(each), deliveries=2)
    assert balances(service) == accounts(a1400="6.03", a2100="-6.03")


def test_a_late_part_of_an_earlier_day_moves_the_cents_of_later_ones(tmp_path: Path):
    service, purchase = an_erp(tmp_path), a_purchase(("CHAI", "1", "0.05"))
    deliver(service, purchase, a_receipt(purchase, "0.5", on=MARCH_9), a_receipt(purchase, "0.5", on=MARCH_1))
    assert balances(service) == accounts(a1400="0.05", a2100="-0.05")
    client = create_erp_client(service)
    assert client.get("/stock-value?as_of=2026-03-05").json["totals"]["value"] == usd("0.03")
    assert client.get("/stock-value").json["totals"]["value"] == usd("0.05")


def test_the_cost_of_goods_sold_in_parts_is_what_they_were_worth(tmp_path: Path):
    service = an_erp(tmp_path)
    receive_in_parts(service, "12.05", ["0.1"] * 10)
    order = an_order(("CHAI", "1", "20.05"))
    deliver(service, order, *(a_shipment(order, "0.1", on=MARCH_5) for _ in range(10)))
    assert balances(service) == accounts(a1200="20.05", a2100="-12.05", a4000="-20.05", a5000="12.05")


def test_the_invoices_and_the_exposure_of_an_order_in_parts_add_up_to_its_total(tmp_path: Path):
    service = an_erp(tmp_path, limit="100.00")
    order = an_order(("CHAI", "1", "12.05"), freight="0.99")
    deliver(service, order, *(a_shipment(order, "0.1") for _ in range(10)))
    assert Money.sum(each.total for each in invoices(service)) == order.total == Money("13.04", "USD")
    assert [str(each.freight.amount) for each in invoices(service)] == ["0.99", *["0.00"] * 9]
    credit = service.receivables.get_credit_account(order.customer_id)
    assert credit.exposure == order.total


prices = st.integers(1, 3000).map(lambda cents: str(Decimal(cents) / 100))
parts = st.lists(st.integers(1, 999).map(lambda thousandths: str(Decimal(thousandths) / 1000)), min_size=1, max_size=6)


@pytest.mark.case("B51")
@settings(max_examples=25)
@given(parts, prices, prices, st.sets(st.integers(0, 5)), st.randoms(use_true_random=False))
def test_whatever_was_received_reversed_and_revised_is_worth_quantity_times_price(
    quantities: list[str], first: str, revised: str, mistaken: set[int], random: Random
):
    with TemporaryDirectory() as folder:
        service = an_erp(Path(folder))
        purchase = a_purchase(("CHAI", "10", first))
        receipts = [a_receipt(purchase, each, on=random.choice([MARCH_1, MARCH_5, MARCH_9])) for each in quantities]
        wrong = [each for number, each in enumerate(receipts) if number in mistaken]
        messages = [*receipts, purchase]
        random.shuffle(messages)
        messages += [a_receipt_reversed(each) for each in wrong]
        messages.insert(random.randint(messages.index(purchase) + 1, len(messages)), a_revision(purchase, revised))
        deliver(service, *messages)
        left = sum((each.lines[0].quantity for each in receipts if each not in wrong), Decimal(0))
        worth = Money(revised, "USD").multiply(left).amount
        assert (balances(service).get("1400", 0), -balances(service).get("2100", 0)) == (worth, worth)
        service.store.close()
