"""A hundred orders for the last ten pieces."""

from datetime import timedelta

import pytest

from shared.contracts import scm
from shared.testing.services import hear
from tests.unit.scm.examples import JULY_4, a_warehouse, an_order, approved, arrives, listening, stock_of


def a_hundred(backorder):
    """Orders of one piece each; the later it comes, the older its promise."""
    return [
        an_order(("CHAI", 1), backorder=backorder, required_on=JULY_4 + timedelta(100 - each)) for each in range(100)
    ]


def heard_by(service, orders):
    """What the service says to the orders."""
    said = listening(service)
    hear(service, *orders, *(approved(each) for each in orders))
    return said()


def the_orders(told, kind):
    return [each.order_id for each in told if isinstance(each, kind)]


def test_ten_are_held_and_ninety_wait_in_the_order_of_their_promise(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    hundred = a_hundred("allow")
    told = heard_by(service, hundred)
    orders = [each.order_id for each in hundred]
    assert the_orders(told, scm.StockReserved) == orders[:10]
    assert the_orders(told, scm.StockShort) == orders[10:]
    assert stock_of(service, "CHAI") == {"on_hand": "10", "reserved": "10", "backordered": "90"}
    said = listening(service)
    arrives(service, CHAI=90)
    assert the_orders(said(), scm.StockReserved) == orders[:9:-1]
    assert stock_of(service, "CHAI") == {"on_hand": "100", "reserved": "100"}


def test_ten_are_held_and_ninety_refused_by_name_where_they_may_not_wait(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    hundred = a_hundred("refuse")
    told = heard_by(service, hundred)
    orders = [each.order_id for each in hundred]
    assert the_orders(told, scm.StockReserved) == orders[:10]
    assert told[10:] == [scm.OrderRejected(each, "shortage", ("CHAI",)) for each in orders[10:]]
    assert stock_of(service, "CHAI") == {"on_hand": "10", "reserved": "10"}


@pytest.mark.parametrize("backorder", ["allow", "refuse"])
def test_who_may_wait_and_who_may_not_share_the_same_stock(tmp_path, backorder):
    service = a_warehouse(tmp_path, CHAI=10)
    heard_by(service, a_hundred(backorder)[:10])
    other = "refuse" if backorder == "allow" else "allow"
    told = heard_by(service, a_hundred(other)[:1])
    assert the_orders(told, scm.StockReserved) == []
    assert stock_of(service, "CHAI")["reserved"] == "10"
