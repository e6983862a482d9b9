"""A dispatch that is refused for want of stock is accepted from the day on that the refusal names."""

import re
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scm.items.domain.goods import GoodsLine
from services.scm.warehousing.domain.stock_item import StockItem, StockNotAvailable
from services.scm.warehousing.domain.stock_moment import StockMoment
from shared.testing import end_of

FIRST_DAY, DAYS = date(2026, 3, 1), 6
ORDER = uuid4()
DAY = st.integers(0, DAYS - 1).map(lambda number: FIRST_DAY + timedelta(days=number))
MOMENT = st.one_of(
    DAY.map(lambda day: StockMoment(day, end_of(day))),
    st.tuples(DAY, st.sampled_from([9, 15])).map(
        lambda when: StockMoment(when[0], datetime.combine(when[0], time(when[1]), UTC))
    ),
)
MOVEMENTS = st.lists(
    st.tuples(st.sampled_from(["receive", "receive", "count", "issue"]), MOMENT, st.integers(0, 9)), max_size=12
)


def stock_after(movements: list[tuple[str, StockMoment, int]]) -> StockItem:
    """Return the stock after those of these movements that were possible."""
    item = StockItem("LAMP", "MAIN")
    for kind, moment, quantity in movements:
        try:
            if kind == "receive" and quantity:
                item.receive(uuid4(), Decimal(quantity), moment)
            if kind == "count":
                item.count(uuid4(), moment, Decimal(quantity))
            if kind == "issue" and 0 < quantity <= item.available:
                order = uuid4()
                item.reserve(order, GoodsLine(1, "LAMP", Decimal(quantity)), FIRST_DAY, FIRST_DAY)
                item.issue(order, 1, Decimal(quantity), moment)
        except StockNotAvailable:
            if kind == "issue":
                item.release(order, [1])
    return item


def may_leave(item: StockItem, quantity: Decimal, day: date) -> bool:
    try:
        deepcopy(item).issue(ORDER, 1, quantity, StockMoment(day, end_of(day)))
    except StockNotAvailable:
        return False
    return True


@pytest.mark.case("B01")
@given(MOVEMENTS, MOMENT)
def test_goods_leave_from_the_day_on_that_the_refusal_names(
    movements: list[tuple[str, StockMoment, int]], moment: StockMoment
) -> None:
    item = stock_after([*movements, ("receive", StockMoment(FIRST_DAY, end_of(FIRST_DAY)), 1)])
    quantity = item.available
    if not quantity:
        return
    item.reserve(ORDER, GoodsLine(1, "LAMP", quantity), FIRST_DAY, FIRST_DAY)
    try:
        item.issue(ORDER, 1, quantity, moment)
    except StockNotAvailable as refused:
        [named] = re.findall(r"on or after (\S+),", str(refused))
        first = date.fromisoformat(named)
        days = [FIRST_DAY + timedelta(days=number) for number in range(DAYS)]
        assert first >= moment.day
        assert all(may_leave(item, quantity, day) for day in days if day >= first)
        day_before = first - timedelta(days=1)
        assert day_before < moment.day or not may_leave(item, quantity, day_before)
