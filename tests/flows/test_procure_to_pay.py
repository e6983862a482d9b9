"""Procure to pay: what is short in SCM is bought by SRM, arrives in SCM, and stands in ERP's books."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.flows.firm import Firm, a_firm, disorder


@pytest.fixture
def firm() -> Iterator[Firm]:
    with a_firm() as firm:
        yield firm


def drafted(firm: Firm) -> UUID:
    """The one purchase order there is a draft of."""
    [order] = firm.purchase_orders(status="draft")
    return UUID(order["id"])


def test_a_shortage_is_bought_and_served_to_the_order_that_waits(firm: Firm):
    firm.opens("TEA")
    order = firm.places(firm.customer("ATLAS"), ("TEA", "12"))
    firm.settle()
    assert firm.status(order) == "backordered"
    [request] = firm.requests()
    assert (request["sku"], request["quantity"], request["status"]) == ("TEA", "12", "drafted")
    bought = drafted(firm)
    firm.srm.send_purchase_order(bought)
    firm.settle()
    firm.receives(bought, ("TEA", "12"))
    firm.settle()
    assert (firm.status(order), firm.stock("TEA")) == ("reserved", ("12", "12", "0"))
    assert [row["status"] for row in firm.purchase_orders()] == ["received"]
    assert firm.balances() == {"1400": "72.00", "2100": "-72.00"}
    firm.the_laws_hold()


def test_what_arrives_in_parts_goes_to_the_oldest_promise_first(firm: Firm):
    supplier = firm.opens("TEA")
    atlas = firm.customer("ATLAS")
    first, second = firm.places(atlas, ("TEA", "6")), firm.places(atlas, ("TEA", "4"))
    firm.settle()
    bought = firm.buys(supplier, ("TEA", "10"))
    firm.receives(bought, ("TEA", "7"))
    firm.settle()
    assert (firm.status(first), firm.status(second)) == ("reserved", "backordered")
    [row] = firm.purchase_orders(status="partly_received")
    assert [(line["ordered"], line["received"], line["open"]) for line in row["lines"]] == [("10", "7", "3")]
    firm.receives(bought, ("TEA", "3"))
    firm.settle()
    assert firm.status(second) == "reserved"
    firm.the_laws_hold()


def test_goods_ordered_by_nobody_in_particular_lie_free(firm: Firm):
    bought = firm.buys(firm.opens("TEA"), ("TEA", "10"))
    firm.receives(bought, ("TEA", "10"))
    firm.settle()
    assert firm.stock("TEA") == ("10", "0", "10")
    firm.the_laws_hold()


@settings(max_examples=8)
@given(st.integers(0, 2**32))
def test_prices_and_goods_may_be_heard_of_in_any_order(seed: int):
    """20 at 6.00, 10 of them sold before 5 more at 9.00 arrive: 15 left, 60.00 + 45.00."""
    with a_firm(disorder(seed)) as firm:
        supplier = firm.opens("TEA")
        atlas = firm.customer("ATLAS")
        firm.receives(firm.buys(supplier, ("TEA", "20")), ("TEA", "20"))
        order = firm.places(atlas, ("TEA", "10"))
        firm.settle()
        firm.dispatches(order)
        firm.receives(firm.buys(supplier, ("TEA", "5"), price="9.00"), ("TEA", "5"))
        firm.settle()
        assert firm.stock("TEA") == ("15", "0", "15")
        assert {each: firm.balances()[each] for each in ("1400", "2100", "5000")} == {
            "1400": "105.00", "2100": "-165.00", "5000": "60.00",
        }  # fmt: skip
        firm.the_laws_hold()


@pytest.mark.parametrize("down", ["srm", "scm", "erp"])
def test_goods_that_arrive_while_a_service_is_away_are_counted_and_valued(firm: Firm, down: str):
    supplier = firm.opens("TEA")
    bought = firm.buys(supplier, ("TEA", "10"))
    firm.receives(bought, ("TEA", "4"))
    firm.settle(without=down)
    firm.receives(bought, ("TEA", "6"))
    firm.settle(without=down)
    firm.settle()
    assert (firm.stock("TEA"), firm.balances()) == (("10", "0", "10"), {"1400": "60.00", "2100": "-60.00"})
    assert [row["status"] for row in firm.purchase_orders()] == ["received"]
    firm.the_laws_hold()
