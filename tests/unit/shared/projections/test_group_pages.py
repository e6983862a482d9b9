"""Groups of rows in every order, page by page, equal those that are added up and sorted row by row."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations, product
from random import Random
from typing import Any

import pytest

from shared.money import Money
from shared.projections import ReadModels, RowReader, UnknownColumn
from shared.projections.group_page import GroupPage
from tests.unit.shared.projections.shop import Shop, catch_up
from tests.unit.shared.projections.test_reading import Lot, Lots

GROUP_BY, SUMS = ("title", "ends_on.month"), ("price", "weight")
SORTED_BY = (*GROUP_BY, "count", *SUMS)
ROWS, PAGE = 60, 4
Order = list[tuple[str, bool]]
Fields = tuple[str | None, Money | None, Decimal | None, date | None]


def random_lots(chance: Random) -> Iterator[Fields]:
    """Yield lots of four titles in three months; amounts are equal often, missing at times, and in two currencies."""
    for _ in range(ROWS):
        price = Money(Decimal(chance.randint(-2, 3)), chance.choice(["EUR", "USD"]))
        weight, day = Decimal(chance.randint(0, 3)), date(2026, 1, 1) + timedelta(chance.randrange(90))
        fields = (chance.choice(["", "Apple", "Bread"]), price, weight, day)
        yield tuple(each if chance.random() < 0.7 else None for each in fields)  # type: ignore[misc]


def groups_of(lots: Sequence[Fields]) -> list[dict[str, Any]]:
    """Return the groups by title and month with the rows of each added up."""
    groups: dict[Any, dict[str, Any]] = {}
    for title, price, weight, day in lots:
        key = title, day and f"{day:%Y-%m}"
        group = groups.setdefault(key, {**dict(zip(GROUP_BY, key, strict=True)), "count": 0, "price": {}, "weight": 0})
        group["count"] += 1
        group["weight"] += weight or 0
        if price is not None:
            group["price"][price.currency] = group["price"].get(price.currency, 0) + price.amount
    return list(groups.values())


def in_order(groups: Sequence[dict[str, Any]], order: Order) -> list[dict[str, Any]]:
    """Return the groups in an order; equal ones by the columns of the groups, in the direction of the last column."""
    found = list(groups)
    for column, descending in reversed([*order, *((each, order[-1][1]) for each in GROUP_BY)]):
        found.sort(key=lambda group, c=column, d=descending: sort_key(group[c], d), reverse=descending)  # type: ignore[misc]
    return found


def sort_key(value: Any, descending: bool) -> tuple[Any, ...]:
    """Return a key that sorts missing values first; of amounts in several currencies the one that is met first."""
    if isinstance(value, dict):
        value = (max if descending else min)(value.values(), default=None)
    return (False,) if value is None else (True, value)


def pages(reader: RowReader, order: Order) -> Iterator[dict[str, Any]]:
    """Yield the groups of all pages."""
    page, after = GroupPage(Lots, GROUP_BY, SUMS, order), None
    while found := reader.list_groups(page, after=after, limit=PAGE):
        assert len(found) <= PAGE
        yield from (group for group, _ in found)
        after = found[-1][1]


def as_shown(group: dict[str, Any]) -> dict[str, Any]:
    """Return a group as a list shows it."""
    price = [Money(amount, currency) for currency, amount in sorted(group["price"].items())]
    keys = {name: group[name] for name in (*GROUP_BY, "count")}
    return {**keys, "sums": {"price": price, "weight": group["weight"]}}


@pytest.fixture
def open_lots(shop: Shop, open_read_models: Callable[..., ReadModels]) -> Callable[..., RowReader]:
    """Return a function that saves lots and returns a reader of them."""

    def save(*lots: Fields) -> RowReader:
        shop.save(*(Lot(*each) for each in lots))
        return catch_up(open_read_models(Lots)).reader_for(Lots)

    return save


@pytest.mark.parametrize("seed", range(3))
def test_groups_are_sorted_by_every_column_page_by_page(open_lots: Callable[..., RowReader], seed: int) -> None:
    lots = list(random_lots(Random(seed)))
    reader, groups = open_lots(*lots), groups_of(lots)
    assert len(groups) > 2 * PAGE
    for columns, directions in product(permutations(SORTED_BY, 2), product((False, True), repeat=2)):
        order = list(zip(columns, directions, strict=True))
        assert list(pages(reader, order)) == [as_shown(each) for each in in_order(groups, order)], order


def test_a_sum_larger_than_any_integer_of_the_database_sorts_by_its_size(open_lots: Callable[..., RowReader]) -> None:
    large, amounts = Decimal("999999999999999.99"), {"A": 11, "B": 12, "C": -12, "D": 1}
    lots = [
        (title, Money(large if number > 0 else -large, "EUR"), None, None)
        for title, number in amounts.items()
        for _ in range(abs(number))
    ]
    found = open_lots(*lots).list_groups(GroupPage(Lots, ("title",), ("price",), [("price", True)]))
    assert [group["title"] for group, _ in found] == ["B", "A", "D", "C"]


def test_groups_without_any_amount_sort_before_negative_ones(open_lots: Callable[..., RowReader]) -> None:
    owed = ("A", Money("-5", "EUR"), None, None)
    reader = open_lots(owed, ("A", None, None, None), ("B", None, None, None), ("C", Money("0", "EUR"), None, None))
    found = reader.list_groups(GroupPage(Lots, ("title",), ("price",), [("price", False)]))
    assert [group["title"] for group, _ in found] == ["B", "A", "C"]


@pytest.mark.parametrize("column", ["weight", "colour", "id"])
def test_groups_are_sorted_only_by_their_columns_and_sums(column: str) -> None:
    with pytest.raises(UnknownColumn, match="Allowed: title, count, price"):
        GroupPage(Lots, ("title",), ("price",), [(column, False)])
