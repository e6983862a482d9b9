from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from services.scm.domain.goods import GoodsLine, Share
from services.scm.domain.stock_item import NotHeld, StockItem
from shared.testing import given, happened

ORDER, OTHER, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
RECEIPT = UUID(int=9)
JULY_1, JULY_2, JULY_3 = date(1996, 7, 1), date(1996, 7, 2), date(1996, 7, 3)


def chai(quantity, line=1):
    return GoodsLine(line, "CHAI", Decimal(quantity))


def stock(on_hand):
    return given(StockItem("CHAI", "MAIN"), lambda item: item.receive(RECEIPT, Decimal(on_hand)))


def waiting(order_id, quantity, promised_on=JULY_2, ordered_on=JULY_1, line=1):
    return lambda item: item.reserve(order_id, chai(quantity, line), promised_on, ordered_on)


def test_what_is_there_is_held_for_the_order():
    item = stock(10)
    assert item.reserve(ORDER, chai(4), JULY_2, JULY_1) == chai(4)
    assert happened(item) == [("Reserved", {"order_id": ORDER, "line": 1, "quantity": Decimal(4)})]
    assert (item.on_hand, item.reserved, item.available) == (10, 4, 6)


def test_what_is_missing_waits():
    item = stock(10)
    assert item.reserve(ORDER, chai(12), JULY_2, JULY_1) == chai(10)
    assert happened(item) == [
        ("Reserved", {"order_id": ORDER, "line": 1, "quantity": Decimal(10)}),
        (
            "Backordered",
            {"order_id": ORDER, "line": 1, "quantity": Decimal(2), "promised_on": JULY_2, "ordered_on": JULY_1},
        ),
    ]
    assert item.available == 0


def test_an_order_may_have_two_lines_of_one_item():
    item = given(stock(10), waiting(ORDER, 4, line=1), waiting(ORDER, 3, line=2))
    item.issue(ORDER, 2, Decimal(3))
    assert (item.on_hand, item.reserved) == (7, 4)
    with pytest.raises(NotHeld):
        item.issue(ORDER, 2, Decimal(1))


def test_arriving_goods_go_to_the_oldest_promise_first():
    item = given(
        stock(0),
        waiting(THIRD, 5, promised_on=JULY_3, ordered_on=JULY_1),
        waiting(ORDER, 5, promised_on=JULY_2, ordered_on=JULY_2),
        waiting(OTHER, 5, promised_on=JULY_2, ordered_on=JULY_1),
    )
    assert item.receive(RECEIPT, Decimal(12)) == [
        Share(OTHER, chai(5)),
        Share(ORDER, chai(5)),
        Share(THIRD, chai(2)),
    ]
    assert item.receive(RECEIPT, Decimal(12)) == [Share(THIRD, chai(3))]
    assert (item.on_hand, item.reserved, item.available) == (24, 15, 9)


def test_of_equal_promises_the_first_come_is_served_first():
    item = given(stock(0), waiting(OTHER, 1), waiting(ORDER, 1))
    assert item.receive(RECEIPT, Decimal(1)) == [Share(OTHER, chai(1))]


def test_nobody_is_robbed_for_an_older_promise():
    item = given(stock(5), waiting(ORDER, 5, promised_on=JULY_3), waiting(OTHER, 5, promised_on=JULY_1))
    assert item.held == {(ORDER, 1): 5}
    item.issue(ORDER, 1, Decimal(5))
    assert item.on_hand == 0


def test_issued_goods_are_gone_and_no_longer_held():
    item = given(stock(10), waiting(ORDER, 4))
    item.issue(ORDER, 1, Decimal(3))
    assert happened(item) == [("Issued", {"order_id": ORDER, "line": 1, "quantity": Decimal(3)})]
    assert (item.on_hand, item.reserved, item.available) == (7, 1, 6)


@pytest.mark.parametrize(("order_id", "line", "quantity"), [(ORDER, 1, 5), (ORDER, 2, 1), (OTHER, 1, 1)])
def test_only_what_is_held_for_the_line_may_leave(order_id, line, quantity):
    item = given(stock(10), waiting(ORDER, 4))
    with pytest.raises(NotHeld):
        item.issue(order_id, line, Decimal(quantity))
    assert happened(item) == []


def test_released_goods_go_to_those_who_wait():
    item = given(stock(10), waiting(ORDER, 8), waiting(OTHER, 5))
    assert item.release(ORDER, [1]) == [Share(OTHER, chai(3))]
    assert happened(item) == [
        ("Released", {"order_id": ORDER, "line": 1, "held": Decimal(8), "waiting": Decimal(0)}),
        ("Served", {"order_id": OTHER, "line": 1, "quantity": Decimal(3)}),
    ]
    assert (item.reserved, item.available) == (5, 5)


def test_a_stopped_order_is_not_served_from_its_own_other_line():
    item = given(stock(4), waiting(ORDER, 4, line=1), waiting(ORDER, 4, line=2))
    assert item.release(ORDER, [1, 2]) == []
    assert (item.available, bool(item.queue)) == (4, False)


def test_who_left_the_queue_is_not_served():
    item = given(stock(0), waiting(ORDER, 2), waiting(OTHER, 2), lambda item: item.release(ORDER, [1]))
    assert item.receive(RECEIPT, Decimal(3)) == [Share(OTHER, chai(2))]
    assert item.available == 1


def test_releasing_twice_changes_nothing():
    item = given(stock(4), waiting(ORDER, 4), lambda item: item.release(ORDER, [1]))
    assert item.release(ORDER, [1]) == []
    assert happened(item) == []


def test_state_does_not_grow_with_history():
    item = stock(1000)
    for order_id in [uuid4() for _ in range(50)]:
        item.reserve(order_id, chai(3), JULY_2, JULY_1)
        item.issue(order_id, 1, Decimal(3))
    assert (item.on_hand, item.held, bool(item.queue)) == (850, {}, False)
