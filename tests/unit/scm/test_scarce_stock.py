"""A hundred orders for the last ten pieces."""

from datetime import timedelta

import pytest

from shared.contracts import scm
from shared.testing.services import deliver
from tests.unit.scm.examples import (
    JULY_4,
    a_warehouse,
    an_order,
    credit_approved,
    receive_goods,
    record_published,
    stock_of,
)


def a_hundred(backorder):
    """Return orders of one piece each; the later an order arrives, the older its promise."""
    return [
        an_order(("CHAI", 1), backorder=backorder, required_on=JULY_4 + timedelta(100 - each)) for each in range(100)
    ]


def published_for(service, orders):
    """Return the events that the service publishes for the orders."""
    published = record_published(service)
    deliver(service, *orders, *(credit_approved(each) for each in orders))
    return published()


def order_ids_of(events, kind):
    return [each.order_id for each in events if isinstance(each, kind)]


def test_ten_orders_are_reserved_and_ninety_are_backordered_by_promise(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    hundred = a_hundred("allow")
    events = published_for(service, hundred)
    orders = [each.order_id for each in hundred]
    assert order_ids_of(events, scm.StockReserved) == orders[:10]
    assert order_ids_of(events, scm.StockShort) == orders[10:]
    assert stock_of(service, "CHAI") == {"on_hand": "10", "reserved": "10", "backordered": "90"}
    published = record_published(service)
    receive_goods(service, CHAI=90)
    assert order_ids_of(published(), scm.StockReserved) == orders[:9:-1]
    assert stock_of(service, "CHAI") == {"on_hand": "100", "reserved": "100"}


def test_ten_orders_are_reserved_and_ninety_rejected_without_backorder(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    hundred = a_hundred("refuse")
    events = published_for(service, hundred)
    orders = [each.order_id for each in hundred]
    assert order_ids_of(events, scm.StockReserved) == orders[:10]
    assert events[10:] == [scm.OrderRejected(each, "shortage", ("CHAI",)) for each in orders[10:]]
    assert stock_of(service, "CHAI") == {"on_hand": "10", "reserved": "10"}


@pytest.mark.parametrize("backorder", ["allow", "refuse"])
def test_orders_with_and_without_backorder_share_the_same_stock(tmp_path, backorder):
    service = a_warehouse(tmp_path, CHAI=10)
    published_for(service, a_hundred(backorder)[:10])
    other = "refuse" if backorder == "allow" else "allow"
    events = published_for(service, a_hundred(other)[:1])
    assert order_ids_of(events, scm.StockReserved) == []
    assert stock_of(service, "CHAI")["reserved"] == "10"
