"""Procure to pay: what is short in SCM is bought by SRM, arrives in SCM, and stands in ERP's books."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.flows.firm import TradingFirm, deliver_out_of_order, open_firm


@pytest.fixture
def firm() -> Iterator[TradingFirm]:
    with open_firm() as firm:
        yield firm


def drafted(firm: TradingFirm) -> UUID:
    """The one purchase order there is a draft of."""
    [order] = firm.purchase_orders(status="draft")
    return UUID(order["id"])


def test_a_shortage_is_bought_and_served_to_the_order_that_waits(firm: TradingFirm):
    firm.create_master_data("TEA")
    order = firm.place_order(firm.create_customer("ATLAS"), ("TEA", "12"))
    firm.deliver_all()
    assert firm.status(order) == "backordered"
    [request] = firm.requests()
    assert (request["sku"], request["quantity"], request["status"]) == ("TEA", "12", "drafted")
    bought = drafted(firm)
    firm.srm.purchase_orders.send(bought)
    firm.deliver_all()
    firm.receive_goods(bought, ("TEA", "12"))
    firm.deliver_all()
    assert (firm.status(order), firm.stock("TEA")) == ("reserved", ("12", "12", "0"))
    assert [row["status"] for row in firm.purchase_orders()] == ["received"]
    assert firm.balances() == {"1400": "72.00", "2100": "-72.00"}
    firm.check_invariants()


def test_what_arrives_in_parts_goes_to_the_oldest_promise_first(firm: TradingFirm):
    supplier = firm.create_master_data("TEA")
    atlas = firm.create_customer("ATLAS")
    first, second = firm.place_order(atlas, ("TEA", "6")), firm.place_order(atlas, ("TEA", "4"))
    firm.deliver_all()
    bought = firm.send_purchase_order(supplier, ("TEA", "10"))
    firm.receive_goods(bought, ("TEA", "7"))
    firm.deliver_all()
    assert (firm.status(first), firm.status(second)) == ("reserved", "backordered")
    [row] = firm.purchase_orders(status="partly_received")
    assert [(line["ordered"], line["received"], line["open"]) for line in row["lines"]] == [("10", "7", "3")]
    firm.receive_goods(bought, ("TEA", "3"))
    firm.deliver_all()
    assert firm.status(second) == "reserved"
    firm.check_invariants()


def test_goods_bought_for_no_order_are_available(firm: TradingFirm):
    bought = firm.send_purchase_order(firm.create_master_data("TEA"), ("TEA", "10"))
    firm.receive_goods(bought, ("TEA", "10"))
    firm.deliver_all()
    assert firm.stock("TEA") == ("10", "0", "10")
    firm.check_invariants()


@settings(max_examples=8)
@given(st.integers(0, 2**32))
def test_prices_and_goods_may_be_received_in_any_order(seed: int):
    """20 at 6.00, 10 of them sold before 5 more at 9.00 arrive: 15 left, 60.00 + 45.00."""
    with open_firm(deliver_out_of_order(seed)) as firm:
        supplier = firm.create_master_data("TEA")
        atlas = firm.create_customer("ATLAS")
        firm.receive_goods(firm.send_purchase_order(supplier, ("TEA", "20")), ("TEA", "20"))
        order = firm.place_order(atlas, ("TEA", "10"))
        firm.deliver_all()
        firm.dispatch(order)
        firm.receive_goods(firm.send_purchase_order(supplier, ("TEA", "5"), price="9.00"), ("TEA", "5"))
        firm.deliver_all()
        assert firm.stock("TEA") == ("15", "0", "15")
        assert {each: firm.balances()[each] for each in ("1400", "2100", "5000")} == {
            "1400": "105.00", "2100": "-165.00", "5000": "60.00",
        }  # fmt: skip
        firm.check_invariants()


@pytest.mark.parametrize("down", ["srm", "scm", "erp"])
def test_goods_that_arrive_while_a_service_is_away_are_counted_and_valued(firm: TradingFirm, down: str):
    supplier = firm.create_master_data("TEA")
    bought = firm.send_purchase_order(supplier, ("TEA", "10"))
    firm.receive_goods(bought, ("TEA", "4"))
    firm.deliver_all(without=down)
    firm.receive_goods(bought, ("TEA", "6"))
    firm.deliver_all(without=down)
    firm.deliver_all()
    assert (firm.stock("TEA"), firm.balances()) == (("10", "0", "10"), {"1400": "60.00", "2100": "-60.00"})
    assert [row["status"] for row in firm.purchase_orders()] == ["received"]
    firm.check_invariants()
