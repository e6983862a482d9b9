"""Amendments of orders: the order, its reservations and its shipment."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from services.scm.fulfilment.domain.customer_order import Amendment, CustomerOrder
from services.scm.fulfilment.domain.fulfilment import AmendmentPending, Fulfilment, Status
from services.scm.fulfilment.domain.reservation import record_allocations
from services.scm.items.domain.goods import BackorderAllocation, GoodsLine
from services.scm.shipping.domain.shipment import DispatchDetails, EmptyShipment, Shipment
from services.scm.warehousing.domain.stock_item import StockItem
from services.scm.warehousing.domain.stock_moment import StockMoment
from shared.contracts import crm, scm
from shared.testing import end_of, given, new_events
from shared.testing.services import deliver
from tests.unit.scm.examples import (
    FREE,
    NOTHING,
    a_placed_order,
    a_warehouse,
    credit_approved,
    deactivate_item,
    deactivate_warehouse,
    line,
    record_published,
)

CHAI, TOFU = GoodsLine(1, "CHAI", Decimal(10)), GoodsLine(2, "TOFU", Decimal(5))
JULY_4, JULY_9 = date(1996, 7, 4), date(1996, 7, 9)
ORDER = CustomerOrder(UUID(int=7), JULY_4, None, "MAIN", True, (CHAI, TOFU))
MINE, THEIRS = UUID(int=1), UUID(int=2)


def part(line, quantity):
    return replace(line, quantity=Decimal(quantity))


def an_order(*steps):
    return given(Fulfilment(MINE), lambda order: order.order_placed(ORDER), *steps)


def approved(revision):
    return lambda order: order.credit_approved(revision)


def filled(order):
    order.start("MAIN", (CHAI, TOFU))


def amendment_requested(*lines, revision=2, only_before_dispatch=False):
    return lambda order: order.request_amendment(Amendment(revision, lines, None, only_before_dispatch))


def shipped(*lines):
    return lambda order: order.ship(lines)


def test_an_amendment_is_due_once_its_credit_is_approved_in_either_order():
    for changes in ((amendment_requested(CHAI), approved(2)), (approved(2), amendment_requested(CHAI))):
        order = an_order(approved(1), filled, *changes)
        assert order.approved_amendment == Amendment(2, (CHAI,), None, only_before_dispatch=False)


def test_credit_for_another_revision_does_not_approve_an_amendment():
    order = an_order(approved(1), filled, amendment_requested(CHAI), amendment_requested(TOFU, revision=3), approved(2))
    assert order.approved_amendment is None


def test_no_goods_are_shipped_until_the_amendment_is_decided():
    order = an_order(approved(1), filled, amendment_requested(CHAI))
    with pytest.raises(AmendmentPending):
        order.ship((CHAI,))
    order.refuse_amendment("not enough")
    order.ship((CHAI,))
    assert new_events(order)[-1] == ("GoodsShipped", {"lines": (CHAI,)})


def test_an_amendment_below_the_shipped_quantity_is_refused_at_once():
    order = an_order(approved(1), filled, shipped(part(CHAI, 4)))
    amendment_requested(part(CHAI, 3), TOFU)(order)
    assert new_events(order)[-1] == ("AmendmentRefused", {"revision": 2, "reason": "line 1: 4 were shipped"})


def test_an_amendment_to_the_shipped_quantity_is_accepted():
    order = an_order(approved(1), approved(2), filled, shipped(part(CHAI, 4)), amendment_requested(part(CHAI, 4)))
    order.amend(order.approved_amendment, (part(CHAI, 6), TOFU))
    assert (order.status, order.reserved, order.unshipped, order.revision) == (Status.SHIPPED, (), (), 2)


@pytest.mark.parametrize("ended", [lambda order: order.cancel("no more"), lambda order: order.refuse("shortage")])
def test_an_ended_order_is_not_amended(ended):
    order = an_order(approved(1), ended)
    amendment_requested(CHAI)(order)
    assert [name for name, _ in new_events(order)] == ["AmendmentRequested", "AmendmentRefused"]


def test_an_amendment_valid_before_dispatch_only_is_refused_after_it():
    order = an_order(approved(1), filled, shipped(part(CHAI, 1)))
    amendment_requested(CHAI, TOFU, only_before_dispatch=True)(order)
    assert new_events(order)[-1][0] == "AmendmentRefused"


# -- stock


def a_stock(on_hand, *steps):
    stock = StockItem("CHAI", "MAIN")
    stock.receive(UUID(int=9), Decimal(on_hand), StockMoment(JULY_4, end_of(JULY_4)))
    return given(stock, *steps)


def ordered(order_id, line, quantity):
    return lambda stock: stock.reserve(order_id, GoodsLine(line, "CHAI", Decimal(quantity)), JULY_4, JULY_4)


def wants(line, quantity):
    return GoodsLine(line, "CHAI", Decimal(quantity))


def test_a_reduced_line_loses_its_backorder_before_its_reservation():
    stock = a_stock(6, ordered(MINE, 1, 10))
    assert stock.replace_reservations(MINE, [wants(1, 7)], JULY_4, JULY_4) == ((), ())
    assert (stock.reserved_for(MINE, 1), stock.backorders.missing(MINE, 1)) == (6, 1)
    assert stock.replace_reservations(MINE, [wants(1, 2)], JULY_4, JULY_4) == ((wants(1, 4),), ())
    assert (stock.available, stock.backorders.missing(MINE, 1)) == (4, 0)


def test_a_line_takes_what_another_line_of_the_order_releases_before_other_orders():
    stock = a_stock(5, ordered(MINE, 1, 5), ordered(THEIRS, 1, 5))
    assert stock.replace_reservations(MINE, [wants(1, 0), wants(2, 4)], JULY_4, JULY_4) == (
        (wants(1, 5),),
        (wants(2, 4),),
    )
    (share,) = stock.allocate_backorders()
    assert (share.order_id, share.goods) == (THEIRS, wants(1, 1))


def test_a_later_promise_is_queued_after_an_older_one():
    stock = a_stock(0, ordered(MINE, 1, 5), ordered(THEIRS, 1, 5))
    stock.replace_reservations(MINE, [wants(1, 5)], JULY_9, JULY_4)
    assert stock.backorders.first()[0] == THEIRS


# -- shipment


def test_a_shipment_without_goods_stays_open():
    shipment = given(Shipment(MINE, 1, UUID(int=7), "MAIN", (CHAI,), date(1996, 7, 4)))
    shipment.remove((CHAI,), whole=False)
    with pytest.raises(EmptyShipment):
        shipment.resolve_lines(None)
    shipment.add((TOFU,))
    shipment.dispatch(shipment.resolve_lines(None), JULY_9, end_of(JULY_9), DispatchDetails(), complete=True)
    assert [name for name, _ in new_events(shipment)] == ["LinesReduced", "LinesAdded", "Dispatched"]


def test_two_allocations_to_one_line_are_published_once(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    order = a_placed_order(service, ("CHAI", 5))
    published = record_published(service)
    one = BackorderAllocation(order.order_id, wants(1, 1))

    service.runner.run(lambda: service.runner.uow.save(*record_allocations([one, one], service.runner.uow)))
    assert [each.lines for each in published()] == [(line(1, "CHAI", 2),)]


# -- deactivated items and warehouses


def amend(service, order, *lines):
    """Deliver an amendment of the order with the credit for it, and return what is then published."""
    published = record_published(service)
    wanted = tuple(crm.OrderLine(number, sku, Decimal(each), FREE, Decimal(0)) for number, sku, each in lines)
    requested = crm.SalesOrderAmendmentRequested(
        order.order_id, 2, order.customer_id, None, wanted, NOTHING, NOTHING, only_before_dispatch=False
    )
    deliver(service, requested, replace(credit_approved(order), revision=2))
    return published()


def test_a_deactivated_item_is_not_added_to_an_order(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10, TOFU=10)
    order = a_placed_order(service, ("CHAI", 4))
    deactivate_item(service, "TOFU")
    refused = scm.AmendmentRefused(order.order_id, 2, "item TOFU is deactivated")
    assert amend(service, order, (1, "CHAI", 4), (2, "TOFU", 1)) == [refused]


@pytest.mark.parametrize("quantity", [4, 3])
def test_a_deactivated_item_that_was_promised_may_stay_in_an_amended_order(tmp_path, quantity):
    """A line with another price has another number."""
    service = a_warehouse(tmp_path, CHAI=10)
    order = a_placed_order(service, ("CHAI", 4))
    deactivate_item(service, "CHAI")
    accepted, reserved = amend(service, order, (2, "CHAI", quantity))
    assert accepted == scm.AmendmentAccepted(order.order_id, 2, (line(1, "CHAI", 4),))
    assert reserved == scm.StockReserved(order.order_id, "MAIN", (line(2, "CHAI", quantity),))


def test_nothing_is_added_to_an_order_from_a_deactivated_warehouse(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    order = a_placed_order(service, ("CHAI", 4))
    deactivate_warehouse(service, "MAIN")
    refused = scm.AmendmentRefused(order.order_id, 2, "warehouse MAIN is deactivated")
    assert amend(service, order, (1, "CHAI", 5)) == [refused]
