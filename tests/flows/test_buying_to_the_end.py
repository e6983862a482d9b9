"""Buying to the end: orders are revised and closed, receipts were mistakes, stock is counted, items are kept up."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.srm.purchase_orders.commands import RevisePurchaseOrder
from services.srm.purchase_orders.domain.purchase_line import RevisedLine
from shared.domain import DomainError
from tests.flows.firm import TradingFirm, deliver_out_of_order, open_firm, price_usd
from tests.unit.scm.examples import change_item

MARCH_1 = date(2026, 3, 1)


@pytest.fixture
def firm() -> Iterator[TradingFirm]:
    with open_firm() as firm:
        yield firm


def revision(*lines: tuple[str, str], price: str) -> RevisePurchaseOrder:
    return RevisePurchaseOrder(
        lines=tuple(RevisedLine(sku, Decimal(quantity), price_usd(price)) for sku, quantity in lines)
    )


def lines_of(firm: TradingFirm, order_id: UUID) -> list[tuple[str, str, str]]:
    [row] = [each for each in firm.purchase_orders() if each["id"] == str(order_id)]
    return [(each["ordered"], each["received"], each["open"]) for each in row["lines"]]


@settings(max_examples=6)
@given(st.integers(0, 2**32))
def test_an_order_is_revised_while_its_goods_come_and_closed_short(seed: int):
    """10 at 6.00 come, 4 of them are sold; then all of it costs 7.00, 15 are wanted, and 12 are enough."""
    with open_firm(deliver_out_of_order(seed)) as firm:
        supplier = firm.create_master_data("TEA")
        bought = firm.send_purchase_order(supplier, ("TEA", "20"))
        firm.receive_goods(bought, ("TEA", "10"))
        order = firm.place_order(firm.create_customer("ATLAS"), ("TEA", "4"))
        firm.deliver_all()
        firm.dispatch(order)
        firm.srm.purchase_orders.revise(bought, revision(("TEA", "15"), price="7.00"))
        firm.receive_goods(bought, ("TEA", "2"))
        firm.deliver_all()
        assert lines_of(firm, bought) == [("15", "12", "3")]
        firm.srm.purchase_orders.close(bought, "enough")
        firm.deliver_all()
        assert (lines_of(firm, bought), firm.stock("TEA")) == ([("15", "12", "0")], ("8", "0", "8"))
        with pytest.raises(DomainError, match="closed"):
            firm.receive_goods(bought, ("TEA", "1"))
        balances = firm.balances()
        assert {each: balances[each] for each in ("1400", "2100", "5000")} == {
            "1400": "56.00", "2100": "-84.00", "5000": "28.00",
        }  # fmt: skip
        firm.check_invariants()


@settings(max_examples=6)
@given(st.integers(0, 2**32))
def test_a_mistyped_receipt_leaves_no_trace_in_any_figure(seed: int):
    with open_firm(deliver_out_of_order(seed)) as firm:
        bought = firm.send_purchase_order(firm.create_master_data("TEA"), ("TEA", "12"))
        mistake = firm.receive_goods(bought, ("TEA", "11"))
        firm.scm.receiving.reverse(mistake, "11 for 1")
        firm.receive_goods(bought, ("TEA", "1"))
        firm.deliver_all()
        assert (lines_of(firm, bought), firm.stock("TEA")) == ([("12", "1", "11")], ("1", "0", "1"))
        assert firm.balances() == {"1400": "6.00", "2100": "-6.00"}
        firm.check_invariants()


def test_what_is_below_its_reorder_point_is_bought_as_the_supplier_sells_it(firm: TradingFirm):
    supplier = firm.create_master_data("TEA")
    firm.add_supplier_item(supplier, "TEA", minimum_quantity=Decimal(12), multiple=Decimal(12))
    firm.receive_goods(firm.send_purchase_order(supplier, ("TEA", "20")), ("TEA", "20"))
    change_item(firm.scm, "TEA", reorder_point=Decimal(10), reorder_to=Decimal(30))
    atlas = firm.create_customer("ATLAS")
    firm.place_order(atlas, ("TEA", "10"))
    firm.deliver_all()
    assert firm.requests() == []
    firm.place_order(atlas, ("TEA", "1"))
    firm.place_order(atlas, ("TEA", "2"))
    firm.deliver_all()
    [request] = firm.requests()
    assert (request["quantity"], request["reason"], request["order_id"]) == ("21", "reorder", None)
    [draft] = firm.purchase_orders(status="draft")
    assert [line["ordered"] for line in draft["lines"]] == ["24"]
    firm.srm.purchase_orders.send(UUID(draft["id"]))
    firm.deliver_all()
    firm.receive_goods(UUID(draft["id"]), ("TEA", "24"))
    firm.deliver_all()
    assert (firm.stock("TEA"), len(firm.requests())) == (("44", "13", "31"), 1)
    firm.check_invariants()


def test_a_count_is_a_fact_for_the_warehouse_and_a_cost_for_the_books(firm: TradingFirm):
    bought = firm.send_purchase_order(firm.create_master_data("TEA"), ("TEA", "20"))
    firm.receive_goods(bought, ("TEA", "10"), on=MARCH_1)
    firm.count_stock(MARCH_1 + timedelta(1), ("TEA", "7"))
    firm.receive_goods(bought, ("TEA", "10"), on=MARCH_1)
    firm.deliver_all()
    assert firm.stock("TEA") == ("7", "0", "7")
    assert firm.balances() == {"1400": "42.00", "2100": "-120.00", "5200": "78.00"}
    firm.check_invariants()


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
    with open_firm(deliver_out_of_order(seed)) as firm:
        trade = Trade(firm)
        for step, number, on in steps:
            try:
                getattr(trade, step)(number, on)
            except DomainError:
                continue
        firm.deliver_all()
        firm.check_invariants()


class Trade:
    """Random purchases, sales and counts of tea, some of them for too much."""

    def __init__(self, firm: TradingFirm) -> None:
        self.firm = firm
        self.bought = firm.send_purchase_order(firm.create_master_data("TEA"), ("TEA", "40"))
        self.atlas = firm.create_customer("ATLAS")
        self.receipts: list[UUID] = []

    def receive(self, number: int, on: date) -> None:
        self.receipts.append(self.firm.receive_goods(self.bought, ("TEA", str(number)), on=on))

    def reverse(self, number: int, on: date) -> None:
        del on
        if self.receipts:
            self.firm.scm.receiving.reverse(self.receipts[number % len(self.receipts)], "mistyped")

    def sell(self, number: int, on: date) -> None:
        order = self.firm.place_order(self.atlas, ("TEA", str(number)), backorder="refuse")
        self.firm.deliver_all()
        if self.firm.status(order) == "reserved":
            self.firm.dispatch(order, on=on)

    def count(self, number: int, on: date) -> None:
        self.firm.count_stock(on, ("TEA", str(number)))

    def revise(self, number: int, on: date) -> None:
        del on
        self.firm.srm.purchase_orders.revise(self.bought, revision(("TEA", str(40 + number)), price=f"{number}.50"))
