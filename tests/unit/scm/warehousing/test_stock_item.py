from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from services.scm.items.domain.goods import BackorderAllocation, GoodsLine
from services.scm.warehousing.domain.stock_item import NotReservedForLine, StockItem, StockNotAvailable
from services.scm.warehousing.domain.stock_moment import StockMoment
from shared.testing import end_of, given, new_events

ORDER, OTHER, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
RECEIPT, COUNT, LATER = UUID(int=9), UUID(int=8), UUID(int=7)
JULY_1, JULY_2, JULY_3 = date(1996, 7, 1), date(1996, 7, 2), date(1996, 7, 3)

MIDNIGHT = datetime.combine(JULY_2, time.min, UTC)


def moment(day: date, hour: int | None = None) -> StockMoment:
    """Return a moment of a day, by default its last."""
    return StockMoment(day, end_of(day) if hour is None else datetime.combine(day, time(hour), UTC))


def chai(quantity, line=1):
    return GoodsLine(line, "CHAI", Decimal(quantity))


def stock(on_hand):
    return given(StockItem("CHAI", "MAIN"), lambda item: item.receive(RECEIPT, Decimal(on_hand), moment(JULY_1)))


def waiting(order_id, quantity, promised_on=JULY_2, ordered_on=JULY_1, line=1):
    return lambda item: item.reserve(order_id, chai(quantity, line), promised_on, ordered_on)


def test_available_stock_is_reserved_for_the_order():
    item = stock(10)
    assert item.reserve(ORDER, chai(4), JULY_2, JULY_1) == chai(4)
    assert new_events(item) == [("Reserved", {"order_id": ORDER, "line": 1, "quantity": Decimal(4)})]
    assert (item.on_hand, item.reserved, item.available) == (10, 4, 6)


def test_missing_stock_is_backordered():
    item = stock(10)
    assert item.reserve(ORDER, chai(12), JULY_2, JULY_1) == chai(10)
    assert new_events(item) == [
        ("Reserved", {"order_id": ORDER, "line": 1, "quantity": Decimal(10)}),
        (
            "Backordered",
            {"order_id": ORDER, "line": 1, "quantity": Decimal(2), "promised_on": JULY_2, "ordered_on": JULY_1},
        ),
    ]
    assert item.available == 0


def test_an_order_may_have_two_lines_of_one_item():
    item = given(stock(10), waiting(ORDER, 4, line=1), waiting(ORDER, 3, line=2))
    item.issue(ORDER, 2, Decimal(3), moment(JULY_2))
    assert (item.on_hand, item.reserved) == (7, 4)
    with pytest.raises(NotReservedForLine):
        item.issue(ORDER, 2, Decimal(1), moment(JULY_2))


def test_received_goods_are_allocated_to_the_oldest_promise_first():
    item = given(
        stock(0),
        waiting(THIRD, 5, promised_on=JULY_3, ordered_on=JULY_1),
        waiting(ORDER, 5, promised_on=JULY_2, ordered_on=JULY_2),
        waiting(OTHER, 5, promised_on=JULY_2, ordered_on=JULY_1),
    )
    assert item.receive(RECEIPT, Decimal(12), moment(JULY_1)) == [
        BackorderAllocation(OTHER, chai(5)),
        BackorderAllocation(ORDER, chai(5)),
        BackorderAllocation(THIRD, chai(2)),
    ]
    assert item.receive(RECEIPT, Decimal(12), moment(JULY_1)) == [BackorderAllocation(THIRD, chai(3))]
    assert (item.on_hand, item.reserved, item.available) == (24, 15, 9)


def test_of_equal_promises_the_first_backorder_is_allocated_first():
    item = given(stock(0), waiting(OTHER, 1), waiting(ORDER, 1))
    assert item.receive(RECEIPT, Decimal(1), moment(JULY_1)) == [BackorderAllocation(OTHER, chai(1))]


def test_reserved_stock_is_not_reallocated_to_an_older_order():
    item = given(stock(5), waiting(ORDER, 5, promised_on=JULY_3), waiting(OTHER, 5, promised_on=JULY_1))
    assert item.reservations == {(ORDER, 1): 5}
    item.issue(ORDER, 1, Decimal(5), moment(JULY_2))
    assert item.on_hand == 0


def test_issued_goods_are_neither_on_hand_nor_reserved():
    item = given(stock(10), waiting(ORDER, 4))
    item.issue(ORDER, 1, Decimal(3), moment(JULY_2))
    assert new_events(item) == [
        (
            "Issued",
            {
                "order_id": ORDER,
                "line": 1,
                "quantity": Decimal(3),
                "issued_on": JULY_2,
                "at": end_of(JULY_2),
                "included_in_count_id": None,
            },
        )
    ]
    assert (item.on_hand, item.reserved, item.available) == (7, 1, 6)


@pytest.mark.parametrize(("order_id", "line", "quantity"), [(ORDER, 1, 5), (ORDER, 2, 1), (OTHER, 1, 1)])
def test_only_goods_reserved_for_the_line_are_issued(order_id, line, quantity):
    item = given(stock(10), waiting(ORDER, 4))
    with pytest.raises(NotReservedForLine):
        item.issue(order_id, line, Decimal(quantity), moment(JULY_2))
    assert new_events(item) == []


def test_released_goods_are_allocated_to_backorders():
    item = given(stock(10), waiting(ORDER, 8), waiting(OTHER, 5))
    assert item.release(ORDER, [1]) == [BackorderAllocation(OTHER, chai(3))]
    assert new_events(item) == [
        ("Released", {"order_id": ORDER, "line": 1, "reserved": Decimal(8), "backordered": Decimal(0)}),
        ("BackorderAllocated", {"order_id": OTHER, "line": 1, "quantity": Decimal(3)}),
    ]
    assert (item.reserved, item.available) == (5, 5)


def test_goods_of_a_cancelled_order_are_not_allocated_to_its_other_line():
    item = given(stock(4), waiting(ORDER, 4, line=1), waiting(ORDER, 4, line=2))
    assert item.release(ORDER, [1, 2]) == []
    assert (item.available, bool(item.backorders)) == (4, False)


def test_a_released_backorder_is_not_allocated():
    item = given(stock(0), waiting(ORDER, 2), waiting(OTHER, 2), lambda item: item.release(ORDER, [1]))
    assert item.receive(RECEIPT, Decimal(3), moment(JULY_1)) == [BackorderAllocation(OTHER, chai(2))]
    assert item.available == 1


def test_releasing_twice_changes_nothing():
    item = given(stock(4), waiting(ORDER, 4), lambda item: item.release(ORDER, [1]))
    assert item.release(ORDER, [1]) == []
    assert new_events(item) == []


def test_state_does_not_grow_with_history():
    item = stock(1000)
    for order_id in [uuid4() for _ in range(50)]:
        item.reserve(order_id, chai(3), JULY_2, JULY_1)
        item.issue(order_id, 1, Decimal(3), moment(JULY_2))
    assert (item.on_hand, item.reservations, bool(item.backorders)) == (850, {}, False)


def test_a_count_sets_the_quantity_on_hand():
    item = stock(10)
    assert item.count(COUNT, moment(JULY_2), Decimal(7)) == (Decimal(-3), [])
    assert new_events(item) == [
        (
            "Counted",
            {
                "count_id": COUNT,
                "counted_on": JULY_2,
                "at": end_of(JULY_2),
                "quantity": 7,
                "difference": Decimal(-3),
                "included_in_count_id": None,
            },
        )
    ]
    assert (item.on_hand, item.available) == (7, 7)


def test_a_counted_surplus_is_allocated_to_backorders():
    item = given(stock(4), waiting(ORDER, 9))
    assert item.count(COUNT, moment(JULY_2), Decimal(7)) == (Decimal(3), [BackorderAllocation(ORDER, chai(3))])
    assert (item.on_hand, item.reserved, item.unallocated) == (7, 7, -2)


def test_a_count_below_the_reserved_quantity_is_refused():
    item = given(stock(10), waiting(ORDER, 8))
    with pytest.raises(StockNotAvailable, match="8 of CHAI are reserved in MAIN, and only 7 would be left"):
        item.count(COUNT, moment(JULY_2), Decimal(7))
    assert new_events(item) == []


def counted(quantity, on=JULY_2, count_id=COUNT):
    return lambda item: item.count(count_id, moment(on), Decimal(quantity))


def test_changes_that_a_count_includes_leave_stock_unchanged():
    item = given(stock(10), counted(7))
    item.receive(RECEIPT, Decimal(2), moment(JULY_2, 9))
    assert new_events(item)[0][1]["included_in_count_id"] == COUNT
    assert item.on_hand == 7


def test_what_arrives_after_a_count_of_the_same_moment_moves_on():
    item = given(stock(10), counted(7))
    item.receive(RECEIPT, Decimal(2), moment(JULY_2))
    assert new_events(item)[0][1]["included_in_count_id"] is None
    assert item.on_hand == 9


def test_a_receipt_that_arrived_before_a_count_of_the_same_moment_is_reversed_within_it():
    item = given(stock(10), received(LATER, 5, moment(JULY_2)), counted(7), received(OTHER, 4, moment(JULY_2)))
    item.reverse_receipt(LATER, Decimal(5))
    assert (new_events(item)[-1][1]["included_in_count_id"], item.on_hand) == (COUNT, 11)
    item.reverse_receipt(OTHER, Decimal(4))
    assert (new_events(item)[-1][1]["included_in_count_id"], item.on_hand) == (None, 7)


def test_opening_stock_comes_before_all_other_movements_of_its_day():
    item = given(StockItem("CHAI", "MAIN"), lambda item: item.count(COUNT, StockMoment(JULY_2, MIDNIGHT), Decimal(7)))
    item.add_opening_stock(RECEIPT, Decimal(10), JULY_2)
    assert (new_events(item)[-1][1]["included_in_count_id"], item.on_hand) == (COUNT, 7)


def received(receipt_id, quantity, when):
    return lambda item: item.receive(receipt_id, Decimal(quantity), when)


def test_issuing_goods_missing_in_a_count_allocates_as_many_to_backorders():
    item = given(stock(5), waiting(ORDER, 5), waiting(OTHER, 4), counted(5))
    assert item.issue(ORDER, 1, Decimal(5), moment(JULY_1)) == [BackorderAllocation(OTHER, chai(4))]
    assert (item.on_hand, item.reserved) == (5, 4)


def test_a_count_of_an_earlier_day_leaves_the_later_count_in_force():
    item = given(stock(10), counted(7, on=JULY_3, count_id=LATER))
    assert item.count(COUNT, moment(JULY_2), Decimal(9)) == (Decimal(-1), [])
    assert new_events(item)[0][1]["included_in_count_id"] == LATER
    assert item.on_hand == 7


def test_a_count_of_yesterday_includes_the_changes_since():
    item = given(stock(10), waiting(ORDER, 4), lambda item: item.issue(ORDER, 1, Decimal(4), moment(JULY_3)))
    assert item.count(COUNT, moment(JULY_2), Decimal(9)) == (Decimal(-1), [])
    assert item.on_hand == 5


def test_of_two_counts_of_one_day_the_later_one_is_in_force():
    item = given(stock(10), counted(7))
    assert item.count(LATER, moment(JULY_2), Decimal(8)) == (Decimal(1), [])
    item.receive(RECEIPT, Decimal(5), moment(JULY_1))
    assert (new_events(item)[-1][1]["included_in_count_id"], item.on_hand) == (COUNT, 8)


def test_a_reversed_receipt_leaves_no_stock():
    item = given(stock(10))
    item.reverse_receipt(RECEIPT, Decimal(10))
    assert (item.on_hand, item.available) == (0, 0)


def gone(item):
    item.issue(OTHER, 1, Decimal(4), moment(JULY_2))


@pytest.mark.parametrize("use", [[], [gone]])
def test_a_receipt_of_reserved_or_shipped_goods_is_not_reversed(use):
    item = given(stock(10), waiting(OTHER, 4), *use)
    with pytest.raises(StockNotAvailable, match=r"only \d of 10 CHAI are available in MAIN"):
        item.reverse_receipt(RECEIPT, Decimal(10))
    assert new_events(item) == []


def test_reversing_a_receipt_that_a_count_includes_leaves_stock_unchanged():
    item = given(stock(10), counted(7), waiting(ORDER, 7))
    item.reverse_receipt(RECEIPT, Decimal(10))
    assert (item.on_hand, item.reserved) == (7, 7)
