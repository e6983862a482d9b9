"""Sums and counts of rows in groups, computed by the database, equal those of the rows."""

from collections.abc import Callable
from contextlib import closing
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.money import Money
from shared.projections import Projection, ReadModels, RowReader, Rows, UnknownColumn, on
from shared.projections.database_url import open_database
from tests.unit.shared.projections.shop import Basket, Shop, catch_up
from tests.unit.shared.projections.test_reading import Lot, Lots

AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=2)
LOTS = st.tuples(
    st.sampled_from([None, "", "Apple", "Bread"]),
    st.none() | st.builds(Money, AMOUNTS, st.sampled_from(["EUR", "USD"])),
    st.none() | st.decimals(min_value=0, max_value=10**11, places=6),
    st.none() | st.dates(date(2025, 11, 1), date(2026, 2, 28)),
)


def sums_of(rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    prices: dict[str, Decimal] = {}
    for _, price, _, _ in rows:
        if price is not None:
            prices[price.currency] = prices.get(price.currency, Decimal(0)) + price.amount
    weight = sum((each[2] for each in rows if each[2] is not None), Decimal(0))
    return {"price": [Money(amount, currency) for currency, amount in sorted(prices.items())], "weight": weight}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(LOTS, max_size=12))
def test_groups_add_up_to_the_sums_of_their_rows(
    rows: list[tuple[Any, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("shop")
    shop = Shop.in_folder(folder)
    shop.save(*(Lot(*each) for each in rows))
    models = ReadModels("shop", shop.store, (Lots,), folder / "reports.db")
    models.migrate()
    reader = catch_up(models).reader_for(Lots)
    (whole,) = reader.summarize(sums=("price", "weight"))
    assert whole == {"count": len(rows), "sums": sums_of(rows)}
    found = {each["title"]: each for each in reader.summarize(("title",), ("price", "weight"))}
    for title in {each[0] for each in rows}:
        own = [each for each in rows if each[0] == title]
        assert found[title] == {"title": title, "count": len(own), "sums": sums_of(own)}
    months = {each["ends_on.month"]: each["count"] for each in reader.summarize(("ends_on.month",))}
    assert sum(months.values()) == len(rows)
    assert set(months) == {each[3] and f"{each[3]:%Y-%m}" for each in rows}
    models.close()


def test_the_filter_of_a_list_holds_for_its_sums(shop: Shop, open_read_models: Callable[..., ReadModels]) -> None:
    shop.save(*(Lot(title, Money(price, "EUR"), None, None) for title, price in (("A", "1"), ("B", "2"), ("B", "4"))))
    reader = catch_up(open_read_models(Lots)).reader_for(Lots)
    assert reader.summarize((), ("price",), {"title": "B"}) == [{"count": 2, "sums": {"price": [Money("6", "EUR")]}}]
    assert reader.summarize((), ("price",), q="a") == [{"count": 1, "sums": {"price": [Money("1", "EUR")]}}]
    assert reader.count({"title": "B"}, up_to=1) == 1


def test_a_sum_larger_than_any_integer_of_the_database_is_exact(
    shop: Shop, open_read_models: Callable[..., ReadModels]
) -> None:
    large = Money("999999999999999.99", "EUR")
    shop.save(*(Lot("A", large, None, None) for _ in range(12)))
    reader = catch_up(open_read_models(Lots)).reader_for(Lots)
    (found,) = reader.summarize((), ("price",))
    assert found["sums"] == {"price": [Money("11999999999999999.88", "EUR")]}


@pytest.mark.parametrize(
    ("group_by", "sums"), [(("price",), ()), (("title.month",), ()), (("colour",), ()), ((), ("title",))]
)
def test_what_cannot_be_summed_or_grouped_by_is_refused(
    group_by: tuple[str, ...], sums: tuple[str, ...], shop: Shop, open_read_models: Callable[..., ReadModels]
) -> None:
    reader = catch_up(open_read_models(Lots)).reader_for(Lots)
    with pytest.raises(UnknownColumn):
        reader.summarize(group_by, sums)


class GoodsByPlace(Projection):
    """Goods in baskets, with history and an index of two columns."""

    has_history = True
    columns = {"sku": str, "customer": str, "worth": Money}
    indexes = (("customer", "sku"), ("worth",))

    @on(Basket.Filled)
    def filled(self, filled: "Basket.Filled", rows: Rows) -> None:
        rows[filled.originator_id] = {"customer": filled.customer}

    @on(Basket.GoodsAdded)
    def added(self, added: "Basket.GoodsAdded", rows: Rows) -> None:
        row = rows[added.originator_id]
        rows[added.originator_id] = {**row, "sku": added.sku, "worth": added.price}


def test_sums_as_of_a_position_are_those_of_the_rows_then(
    shop: Shop, open_read_models: Callable[..., ReadModels]
) -> None:
    baskets = [shop.fill("anna", None, ("a", "1", "2")), shop.fill("bert", None, ("a", "1", "3"))]
    then = shop.store.head()
    for each in baskets:
        shop.add(each, "b")
    now = catch_up(open_read_models(GoodsByPlace)).reader_for(GoodsByPlace)
    by_sku = partial(RowReader.summarize, group_by=("sku",), sums=("worth",), where={"customer": ("anna", "bert")})
    assert by_sku(now) == [{"sku": "b", "count": 2, "sums": {"worth": [Money("2", "EUR")]}}]
    assert by_sku(now.as_of_position(then)) == [{"sku": "a", "count": 2, "sums": {"worth": [Money("5", "EUR")]}}]


def test_a_projection_has_the_indexes_that_it_declares(
    shop: Shop, open_read_models: Callable[..., ReadModels], database: str
) -> None:
    shop.fill()
    catch_up(open_read_models(GoodsByPlace, Lots))
    query = "SELECT name FROM sqlite_master WHERE type='index'"
    if not database.startswith("sqlite"):
        query = "SELECT indexname FROM pg_indexes WHERE schemaname=current_schema()"
    with closing(open_database(database, "shop")) as opened:
        found = {each for (each,) in opened.query(query)}
    assert {each for each in found if each.startswith("goods_by_place_1_") and "key" not in each} == {
        "goods_by_place_1_customer__sku", "goods_by_place_1_worth", "goods_by_place_1_history_valid_to",
    }  # fmt: skip
    assert {"lots_1_title", "lots_1_updated_at"} <= found
    assert "lots_1_created_at" not in found
