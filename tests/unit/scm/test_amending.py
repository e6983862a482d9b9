"""The warehouse's side of an order that changes."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from services.scm.domain.fulfilment import BeingAmended, Fulfilment, Status
from services.scm.domain.goods import BackorderAllocation, GoodsLine
from services.scm.domain.order import Amendment, Order
from services.scm.domain.reservation import share_out
from services.scm.domain.shipment import Dispatch, NothingHeld, Shipment
from services.scm.domain.stock_item import StockItem
from shared.testing import given, happened
from tests.unit.scm.examples import a_placed_order, a_warehouse, line, listening

CHAI, TOFU = GoodsLine(1, "CHAI", Decimal(10)), GoodsLine(2, "TOFU", Decimal(5))
JULY_4, JULY_9 = date(1996, 7, 4), date(1996, 7, 9)
ORDER = Order(UUID(int=7), JULY_4, None, "MAIN", True, (CHAI, TOFU))
MINE, THEIRS = UUID(int=1), UUID(int=2)


def part(line, quantity):
    return replace(line, quantity=Decimal(quantity))


def an_order(*steps):
    return given(Fulfilment(MINE), lambda order: order.order_placed(ORDER), *steps)


def approved(revision):
    return lambda order: order.credit_approved(revision)


def filled(order):
    order.fill("MAIN", (CHAI, TOFU))


def asked(*lines, revision=2, only_before_dispatch=False):
    return lambda order: order.ask_for(Amendment(revision, lines, None, only_before_dispatch))


def shipped(*lines):
    return lambda order: order.ship(lines)


def test_it_is_due_once_credit_stands_for_it_in_either_order():
    for news in ((asked(CHAI), approved(2)), (approved(2), asked(CHAI))):
        order = an_order(approved(1), filled, *news)
        assert order.due_amendment == Amendment(2, (CHAI,), None, only_before_dispatch=False)


def test_credit_for_another_revision_does_not_count():
    order = an_order(approved(1), filled, asked(CHAI), asked(TOFU, revision=3), approved(2))
    assert order.due_amendment is None


def test_nothing_leaves_until_it_is_decided():
    order = an_order(approved(1), filled, asked(CHAI))
    with pytest.raises(BeingAmended):
        order.ship((CHAI,))
    order.refuse_amendment("not enough")
    order.ship((CHAI,))
    assert happened(order)[-1] == ("GoodsShipped", {"lines": (CHAI,)})


def test_less_than_has_left_is_refused_at_once():
    order = an_order(approved(1), filled, shipped(part(CHAI, 4)))
    asked(part(CHAI, 3), TOFU)(order)
    assert happened(order)[-1] == ("AmendmentRefused", {"revision": 2, "reason": "line 1: 4 have left"})


def test_what_has_left_may_stay_as_it_is():
    order = an_order(approved(1), approved(2), filled, shipped(part(CHAI, 4)), asked(part(CHAI, 4)))
    order.amend(order.due_amendment, (part(CHAI, 6), TOFU))
    assert (order.status, order.held, order.unshipped, order.revision) == (Status.SHIPPED, (), (), 2)


@pytest.mark.parametrize("ended", [lambda order: order.cancel("no more"), lambda order: order.refuse("shortage")])
def test_an_order_that_has_ended_is_not_amended(ended):
    order = an_order(approved(1), ended)
    asked(CHAI)(order)
    assert [name for name, _ in happened(order)] == ["AmendmentRequested", "AmendmentRefused"]


def test_what_depends_on_the_first_departure_is_refused_after_it():
    order = an_order(approved(1), filled, shipped(part(CHAI, 1)))
    asked(CHAI, TOFU, only_before_dispatch=True)(order)
    assert happened(order)[-1][0] == "AmendmentRefused"


# -- stock


def a_stock(on_hand, *steps):
    stock = StockItem("CHAI", "MAIN")
    stock.receive(UUID(int=9), Decimal(on_hand), JULY_4)
    return given(stock, *steps)


def ordered(order_id, line, quantity):
    return lambda stock: stock.reserve(order_id, GoodsLine(line, "CHAI", Decimal(quantity)), JULY_4, JULY_4)


def wants(line, quantity):
    return GoodsLine(line, "CHAI", Decimal(quantity))


def test_what_is_waited_for_goes_before_what_is_held():
    stock = a_stock(6, ordered(MINE, 1, 10))
    assert stock.exchange(MINE, [wants(1, 7)], JULY_4, JULY_4) == ((), ())
    assert (stock.held_for(MINE, 1), stock.queue.missing(MINE, 1)) == (6, 1)
    assert stock.exchange(MINE, [wants(1, 2)], JULY_4, JULY_4) == ((wants(1, 4),), ())
    assert (stock.available, stock.queue.missing(MINE, 1)) == (4, 0)


def test_one_line_takes_what_another_of_the_order_gives_up_before_those_who_wait():
    stock = a_stock(5, ordered(MINE, 1, 5), ordered(THEIRS, 1, 5))
    assert stock.exchange(MINE, [wants(1, 0), wants(2, 4)], JULY_4, JULY_4) == ((wants(1, 5),), (wants(2, 4),))
    (share,) = stock.serve()
    assert (share.order_id, share.goods) == (THEIRS, wants(1, 1))


def test_a_later_promise_waits_behind_an_older_one():
    stock = a_stock(0, ordered(MINE, 1, 5), ordered(THEIRS, 1, 5))
    stock.exchange(MINE, [wants(1, 5)], JULY_9, JULY_4)
    assert stock.queue.first()[0] == THEIRS


# -- shipment


def test_a_shipment_from_which_all_was_taken_waits_for_goods():
    shipment = given(Shipment(MINE, 1, UUID(int=7), "MAIN", (CHAI,)))
    shipment.take_out((CHAI,), whole=False)
    with pytest.raises(NothingHeld):
        shipment.parts(None)
    shipment.add((TOFU,))
    shipment.dispatch(shipment.parts(None), Dispatch(JULY_9), complete=True)
    assert [name for name, _ in happened(shipment)] == ["LinesReduced", "LinesAdded", "Dispatched"]


def test_what_one_line_gets_twice_is_told_once(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    order = a_placed_order(service, ("CHAI", 5))
    said = listening(service)
    one = BackorderAllocation(order.order_id, wants(1, 1))

    def shared() -> None:
        service.save(*share_out([one, one], service._work))

    service.run(shared)
    assert [each.lines for each in said()] == [(line(1, "CHAI", 2),)]
