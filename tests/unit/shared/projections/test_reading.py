"""Filtering, sorting and paging over rows while they change."""

import random
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.codec import to_plain
from shared.domain import Aggregate, event
from shared.money import Money, plain_number
from shared.projections import ReadModels, ResourceProjection, RowReader, UnknownColumn
from shared.texts import fold_text
from tests.unit.shared.projections.shop import Shop, catch_up


class Lot(Aggregate):
    @event("Listed")
    def __init__(self, title: str | None, price: Money | None, weight: Decimal | None, ends_on: date | None) -> None:
        self.title, self.price, self.weight, self.ends_on = title, price, weight, ends_on

    @event("Renamed")
    def rename(self, title: str) -> None:
        self.title = title


class Lots(ResourceProjection):
    """Lots for sale."""

    aggregate_class = Lot
    columns = {"title": str, "price": Money, "weight": Decimal, "ends_on": date}
    search = ("title",)

    @staticmethod
    def to_row(lot: Lot) -> dict[str, Any]:
        weight = None if lot.weight is None else plain_number(lot.weight)
        return {"title": lot.title, "price": lot.price, "weight": weight, "ends_on": lot.ends_on}


@pytest.fixture
def open_read_models(open_read_models: Callable[..., ReadModels]) -> Callable[[], ReadModels]:
    return lambda: open_read_models(Lots)


def offer(shop: Shop, *lots: tuple[str | None, str | None, str | None, date | None]) -> list[Lot]:
    """Save lots: title, price in euro (or with its currency), weight, last day."""
    saved = []
    for title, price, weight, ends_on in lots:
        amount, _, currency = (price or "").partition(" ")
        money = Money(amount, currency or "EUR") if price else None
        saved.append(Lot(title, money, Decimal(weight) if weight else None, ends_on))
    shop.save(*saved)
    return saved


def titles(rows: list[dict[str, Any]]) -> list[str | None]:
    return [row["title"] for row in rows]


@pytest.fixture
def lots(shop: Shop, open_read_models: Callable[[], ReadModels]) -> RowReader:
    offer(
        shop,
        ("Äpfel", "2.50", "1.5", date(2026, 3, 1)),
        ("Brot", "10", "0.750", date(2026, 3, 3)),
        ("cidre", "2.50 USD", "10", None),
        (None, None, None, date(2026, 3, 2)),
        ("", "-1", "9.75", date(2026, 3, 2)),
    )
    return catch_up(open_read_models()).reader_for(Lots)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"title": "Brot"}, {"Brot"}),
        ({"title": ("Brot", "cidre", "none such")}, {"Brot", "cidre"}),
        ({"title": ()}, set()),
        ({"title": None}, {None}),
        ({"title": ""}, {""}),
        ({"title": (None, "")}, {None, ""}),
        ({"weight": [("gt", "1.5")]}, {"cidre", ""}),
        ({"weight": [("gte", Decimal("1.50")), ("lt", 10)]}, {"Äpfel", ""}),
        ({"weight": [("lte", "0.75")]}, {"Brot"}),
        ({"ends_on": [("lt", date(2026, 3, 2))]}, {"Äpfel"}),
        ({"ends_on": [("lte", "2026-03-02")]}, {"Äpfel", None, ""}),
        ({"ends_on": [("gt", date(2026, 3, 2))], "title": "Brot"}, {"Brot"}),
        ({"price": Decimal("2.5")}, {"Äpfel", "cidre"}),
        ({"price": Money("2.50", "USD")}, {"cidre"}),
        ({"price": [("gt", "2.50")]}, {"Brot"}),
        ({"price": [("gte", "2.50")]}, {"Äpfel", "Brot", "cidre"}),
        ({"price": [("gte", Money("2.50", "EUR"))]}, {"Äpfel", "Brot"}),
        ({"price": [("lt", "2.50")]}, {""}),
        ({"price": [("lte", "2.50")]}, {"Äpfel", "cidre", ""}),
        ({"price": [("lt", 0)]}, {""}),
        ({"price": None}, {None}),
        ({"ends_on": [("any", [[("eq", None)], [("gt", date(2026, 3, 2))]])]}, {"cidre", "Brot"}),
        ({"weight": [("any", [[("gt", 1), ("lt", 2)], [("gte", 10)]]), ("lt", 10)]}, {"Äpfel"}),
        ({"title": [("any", [])]}, set()),
    ],
)
def test_rows_are_filtered_by_columns(lots: RowReader, where: dict[str, Any], found: set[str | None]) -> None:
    assert set(titles(lots.list_rows(where))) == found
    assert lots.count(where) == len(found)
    assert set(titles(list(lots.iterate_rows(where)))) == found


def test_absent_values_sort_first_and_last_when_descending(lots: RowReader) -> None:
    assert titles(lots.list_rows(sort=("price",))) == [None, "", "Äpfel", "cidre", "Brot"]
    assert titles(lots.list_rows(sort=("-price",))) == ["Brot", "cidre", "Äpfel", "", None]
    assert titles(lots.list_rows(sort=("-ends_on", "weight"))) == ["Brot", None, "", "Äpfel", "cidre"]
    assert titles(lots.list_rows(sort=[("ends_on", False), ("weight", True)])) == ["cidre", "Äpfel", "", None, "Brot"]


def test_a_search_ignores_case(shop: Shop, open_read_models: Callable[[], ReadModels]) -> None:
    offer(shop, ("50% WOLLE Straße", None, None, None), ("500 Wolle", None, None, None), ("a_b!", None, None, None))
    lots = catch_up(open_read_models()).reader_for(Lots)
    assert titles(lots.list_rows(q="wolle 50%")) == ["50% WOLLE Straße"]
    assert titles(lots.list_rows(q="STRASSE")) == ["50% WOLLE Straße"]
    assert titles(lots.list_rows(q="_")) == titles(lots.list_rows(q="b!")) == ["a_b!"]
    assert lots.count(q="Wolle") == 2
    assert lots.list_rows(q="Seide") == []


def test_a_row_is_found_by_its_key(shop: Shop, open_read_models: Callable[[], ReadModels]) -> None:
    (lot,) = offer(shop, ("Brot", "10", "0.750", date(2026, 3, 3)))
    lot.rename("Brot, frisch")
    (renamed,) = shop.save(lot)
    row = catch_up(open_read_models()).reader_for(Lots).get(lot.id)
    assert row is not None
    listed_at = row.pop("created_at")
    assert row == {
        "id": str(lot.id),
        "version": 2,
        "title": "Brot, frisch",
        "price": {"amount": "10.00", "currency": "EUR"},
        "weight": "0.75",
        "ends_on": "2026-03-03",
        "updated_at": renamed.recorded_at.isoformat().replace("+00:00", "Z"),
    }
    assert listed_at < row["updated_at"]


def test_an_unknown_key_has_no_row(lots: RowReader) -> None:
    assert lots.get(uuid4()) is None


def test_the_stored_row_of_an_aggregate_equals_the_row_that_is_read(
    shop: Shop, open_read_models: Callable[[], ReadModels]
) -> None:
    (lot,) = offer(shop, ("Brot", "10", "0.750", None))
    row = catch_up(open_read_models()).reader_for(Lots).get(lot.id)
    assert row is not None
    times = {"created_at", "updated_at"}
    resource = to_plain({"id": lot.id, **Lots.stored_row(lot)})
    assert list(resource) == list(row)
    assert {name: resource[name] for name in resource if name not in times} == {
        name: row[name] for name in row if name not in times
    }


@pytest.mark.parametrize("arguments", [{"where": {"colour": "red"}}, {"sort": ("-colour",)}])
def test_an_unknown_column_is_named_with_the_allowed_ones(lots: RowReader, arguments: dict[str, Any]) -> None:
    with pytest.raises(UnknownColumn, match=r"'colour'\. Allowed: id, title, price, weight, ends_on"):
        lots.list_rows(**arguments)


def test_an_unknown_comparison_is_refused(lots: RowReader) -> None:
    with pytest.raises(ValueError, match="like"):
        lots.list_rows({"title": [("like", "B%")]})


values = st.tuples(
    st.sampled_from([None, "", "a", "A", "b", "ä"]),
    st.sampled_from([None, "1", "1 USD", "-3", "2.5"]),
    st.sampled_from([None, "0", "-0.5", "7", "70", "7.000001"]),
    st.sampled_from([None, date(2026, 1, 1), date(2026, 1, 2)]),
)
columns = st.sampled_from([*Lots.columns, "id"])
directions = st.lists(st.tuples(columns, st.booleans()), max_size=4, unique_by=lambda pair: pair[0])

Comparable = tuple[bool, Any]


def comparable(row: dict[str, Any], column: str) -> Comparable:
    """Return a row's value in a form that Python can sort."""
    value = row[column]
    if value is None:
        return (False, "")
    if column == "price":
        return (True, (Decimal(value["amount"]), value["currency"]))
    if column == "title":
        return (True, (fold_text(value), value))
    return (True, Decimal(value) if column == "weight" else value)


def in_order(rows: list[dict[str, Any]], sort: list[tuple[str, bool]]) -> list[str]:
    """Return the ids of the rows in this order; ties by id in the direction of the last column."""
    order = [*sort, ("id", sort[-1][1] if sort else False)]
    least_significant_first = reversed(order)
    by = reduce(
        lambda sorted_so_far, each: sorted(sorted_so_far, key=lambda row: comparable(row, each[0]), reverse=each[1]),
        least_significant_first,
        rows,
    )
    return [row["id"] for row in by]


@pytest.fixture
def counter() -> Iterator[int]:
    return iter(range(10_000))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(lots=st.lists(values, max_size=12), sort=directions, size=st.integers(1, 5), seed=st.integers(0, 99))
def test_pages_neither_repeat_nor_miss_a_row_during_writes(
    shop: Shop,
    database: str,
    counter: Iterator[int],
    lots: list[Any],
    sort: list[tuple[str, bool]],
    size: int,
    seed: int,
) -> None:
    generator = random.Random(seed)
    read_models = ReadModels(f"shop{next(counter)}", shop.store, (Lots,), _new_database(database, counter))
    read_models.migrate()
    before = {str(lot.id) for lot in offer(shop, *lots)}
    catch_up(read_models)
    reader = read_models.reader_for(Lots)
    stable = {"id": tuple(before)}
    expected = in_order([row for row in reader.iterate_rows() if row["id"] in before], sort)

    seen: list[str] = []
    new_lots = [generator.sample(lots, k=min(2, len(lots))) for _ in range(6)]
    page = reader.list_rows(sort=sort, limit=size)
    while page:
        seen += [row["id"] for row in page]
        offer(shop, *(new_lots.pop() if new_lots else ()))
        catch_up(read_models)
        page = reader.list_rows(sort=sort, after=reader.cursor_of(page[-1], sort), limit=size)

    assert len(seen) == len(set(seen))
    assert [key for key in seen if key in before] == expected
    assert [row["id"] for row in reader.list_rows(stable, sort, limit=100)] == expected
    read_models.close()


def _new_database(database: str, counter: Iterator[int]) -> str:
    """Return an empty database for each example; on PostgreSQL the service's name gives a schema of its own."""
    return f"{database}-{next(counter)}" if database.startswith("sqlite") else database


def test_pages_of_thousands_of_rows_with_equal_values_are_complete(
    shop: Shop, open_read_models: Callable[[], ReadModels]
) -> None:
    saved = offer(shop, *[("same", None, None, None)] * 2_500)
    lots = catch_up(open_read_models()).reader_for(Lots)
    ids: list[UUID] = [UUID(row["id"]) for row in lots.iterate_rows(sort=("-title",))]
    assert ids == sorted((lot.id for lot in saved), reverse=True)
