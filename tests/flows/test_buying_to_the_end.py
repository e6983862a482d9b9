"""Buying to the end: orders are revised and closed, receipts were mistakes, stock is counted, items are kept up."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain import Refused
from tests.flows.firm import Firm, a_firm, disorder, goods, usd

MARCH_1 = date(2026, 3, 1)


@pytest.fixture
def firm() -> Iterator[Firm]:
    with a_firm() as firm:
        yield firm


def wanted(*lines: tuple[str, str], price: str) -> list[dict[str, Any]]:
    return [line | {"unit_price": usd(price)} for line in goods(*lines)]


def lines_of(firm: Firm, order_id: UUID) -> list[tuple[str, str, str]]:
    [row] = [each for each in firm.purchase_orders() if each["id"] == str(order_id)]
    return [(each["ordered"], each["received"], each["open"]) for each in row["lines"]]


@settings(max_examples=6)
@given(st.integers(0, 2**32))
def test_an_order_is_revised_while_its_goods_come_and_closed_short(seed: int):
    """10 at 6.00 come, 4 of them are sold; then all of it costs 7.00, 15 are wanted, and 12 are enough."""
    with a_firm(disorder(seed)) as firm:
        supplier = firm.opens("TEA")
        bought = firm.buys(supplier, ("TEA", "20"))
        firm.receives(bought, ("TEA", "10"))
        order = firm.places(firm.customer("ATLAS"), ("TEA", "4"))
        firm.settle()
        firm.dispatches(order)
        firm.srm.revise_purchase_order(bought, wanted(("TEA", "15"), price="7.00"))
        firm.receives(bought, ("TEA", "2"))
        firm.settle()
        assert lines_of(firm, bought) == [("15", "12", "3")]
        firm.srm.close_purchase_order(bought, "enough")
        firm.settle()
        assert (lines_of(firm, bought), firm.stock("TEA")) == ([("15", "12", "0")], ("8", "0", "8"))
        with pytest.raises(Refused, match="closed"):
            firm.receives(bought, ("TEA", "1"))
        balances = firm.balances()
        assert {each: balances[each] for each in ("1400", "2100", "5000")} == {
            "1400": "56.00", "2100": "-84.00", "5000": "28.00",
        }  # fmt: skip
        firm.the_laws_hold()


@settings(max_examples=6)
@given(st.integers(0, 2**32))
def test_a_mistyped_receipt_leaves_no_trace_in_any_figure(seed: int):
    with a_firm(disorder(seed)) as firm:
        bought = firm.buys(firm.opens("TEA"), ("TEA", "12"))
        mistake = firm.receives(bought, ("TEA", "11"))
        firm.scm.reverse_receipt(mistake, "11 for 1")
        firm.receives(bought, ("TEA", "1"))
        firm.settle()
        assert (lines_of(firm, bought), firm.stock("TEA")) == ([("12", "1", "11")], ("1", "0", "1"))
        assert firm.balances() == {"1400": "6.00", "2100": "-6.00"}
        firm.the_laws_hold()


def test_what_is_below_its_reorder_point_is_bought_as_the_supplier_sells_it(firm: Firm):
    supplier = firm.opens("TEA")
    firm.srm.list_supplier_item(
        supplier, "TEA", unit_price=usd("6.00"), lead_time_days=3, minimum_quantity=Decimal(12), multiple=Decimal(12)
    )
    firm.receives(firm.buys(supplier, ("TEA", "20")), ("TEA", "20"))
    firm.scm.change_item("TEA", reorder_point=Decimal(10), reorder_to=Decimal(30))
    atlas = firm.customer("ATLAS")
    firm.places(atlas, ("TEA", "10"))
    firm.settle()
    assert firm.requests() == []
    firm.places(atlas, ("TEA", "1"))
    firm.places(atlas, ("TEA", "2"))
    firm.settle()
    [request] = firm.requests()
    assert (request["quantity"], request["reason"], request["order_id"]) == ("21", "reorder", None)
    [draft] = firm.purchase_orders(status="draft")
    assert [line["ordered"] for line in draft["lines"]] == ["24"]
    firm.srm.send_purchase_order(UUID(draft["id"]))
    firm.settle()
    firm.receives(UUID(draft["id"]), ("TEA", "24"))
    firm.settle()
    assert (firm.stock("TEA"), len(firm.requests())) == (("44", "13", "31"), 1)
    firm.the_laws_hold()


def test_a_count_is_a_fact_for_the_warehouse_and_a_cost_for_the_books(firm: Firm):
    bought = firm.buys(firm.opens("TEA"), ("TEA", "20"))
    firm.receives(bought, ("TEA", "10"), on=MARCH_1)
    firm.counts(MARCH_1 + timedelta(1), ("TEA", "7"))
    firm.receives(bought, ("TEA", "10"), on=MARCH_1)
    firm.settle()
    assert firm.stock("TEA") == ("7", "0", "7")
    assert firm.balances() == {"1400": "42.00", "2100": "-120.00", "5200": "78.00"}
    firm.the_laws_hold()


DAYS = st.integers(0, 9).map(lambda number: MARCH_1 + timedelta(number))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("receive"), st.integers(1, 9), DAYS),
        st.tuples(st.just("reverse"), st.integers(0, 9), DAYS),
        st.tuples(st.just("sell"), st.integers(1, 6), DAYS),
        st.tuples(st.just("count"), st.integers(0, 12), DAYS),
        st.tuples(st.just("revise"), st.integers(1, 12), DAYS),
    ),
    min_size=4,
    max_size=14,
)


@settings(max_examples=12)
@given(st.integers(0, 2**32), STEPS)
def test_warehouse_and_books_count_the_same_goods_whatever_is_late_refused_or_crosses(
    seed: int, steps: list[tuple[str, int, date]]
):
    with a_firm(disorder(seed)) as firm:
        trade = Trade(firm)
        for step, number, on in steps:
            try:
                getattr(trade, step)(number, on)
            except Refused:
                continue
        firm.settle()
        firm.the_laws_hold()


class Trade:
    """Somebody buys, sells and counts tea, now and then too much of it."""

    def __init__(self, firm: Firm) -> None:
        self.firm = firm
        self.bought = firm.buys(firm.opens("TEA"), ("TEA", "40"))
        self.atlas = firm.customer("ATLAS")
        self.receipts: list[UUID] = []

    def receive(self, number: int, on: date) -> None:
        self.receipts.append(self.firm.receives(self.bought, ("TEA", str(number)), on=on))

    def reverse(self, number: int, on: date) -> None:
        del on
        if self.receipts:
            self.firm.scm.reverse_receipt(self.receipts[number % len(self.receipts)], "mistyped")

    def sell(self, number: int, on: date) -> None:
        order = self.firm.places(self.atlas, ("TEA", str(number)), backorder="refuse")
        self.firm.settle()
        if self.firm.status(order) == "reserved":
            self.firm.dispatches(order, on=on)

    def count(self, number: int, on: date) -> None:
        self.firm.counts(on, ("TEA", str(number)))

    def revise(self, number: int, on: date) -> None:
        del on
        self.firm.srm.revise_purchase_order(self.bought, wanted(("TEA", str(40 + number)), price=f"{number}.50"))
