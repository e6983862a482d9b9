"""A projection with history, read as of a position of the log, equals one rebuilt up to that position."""

import random
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.money import Money
from shared.projections import Projection, ReadModels, ResourceProjection, Rows, on
from tests.rebuilt import RebuiltReadModels
from tests.unit.shared.projections.shop import Basket, Baskets, OpenBaskets, Shop, catch_up, change_database

OpenReadModels = Callable[..., ReadModels]


class OpenBasketsWithHistory(OpenBaskets):
    """Rows that are added, changed and removed, with history."""

    has_history = True

    @on(Basket.GoodsAdded)
    def added(self, added: "Basket.GoodsAdded", rows: Rows) -> None:
        if row := rows.get(added.originator_id):
            rows[added.originator_id] = {**row, "latest": added.sku}
            rows[added.originator_id] = {**row, "latest": added.sku, "twice": True}

    @on(Basket.Admired)
    def admired(self, admired: "Basket.Admired", rows: Rows) -> None:
        """Remove the row and add it again in the same event."""
        if row := rows.pop(admired.originator_id):
            rows[admired.originator_id] = {**row, "customer": "an admirer"}


def save_random_steps(shop: Shop, seed: int) -> None:
    """Fill, add to, admire and pay baskets in a random order."""
    generator, open_baskets = random.Random(seed), list[Basket]()
    for _ in range(40):
        action = generator.choice(["fill", "fill", "add", "add", "admire", "pay", "pay"])
        if action == "fill" or not open_baskets:
            open_baskets.append(shop.fill(generator.choice(["anna", "bert"])))
            continue
        basket = generator.choice(open_baskets)
        if action == "add":
            basket.add(generator.choice("abc"), Decimal(1), Money("1", "EUR"))
        else:
            getattr(basket, action)()
        shop.save(basket)


def all_rows(read_models: ReadModels, projection: type[Projection]) -> list[dict[str, Any]]:
    return list(read_models.reader_for(projection).iterate_rows())


@pytest.mark.parametrize("batch", [1, 7, 500])
def test_rows_as_of_a_position_equal_a_rebuild_up_to_that_position(
    shop: Shop, open_read_models: OpenReadModels, batch: int, tmp_path: Path
) -> None:
    save_random_steps(shop, batch)
    read_models = catch_up(open_read_models(OpenBasketsWithHistory), batch)
    now = read_models.reader_for(OpenBasketsWithHistory)
    with closing(RebuiltReadModels(read_models, shop.store, tmp_path)) as rebuilt:
        for position in range(shop.store.head() + 1):
            then = rebuilt.until(position)
            assert list(now.as_of_position(position).iterate_rows()) == all_rows(then, OpenBasketsWithHistory)
    assert (
        list(now.as_of_position(shop.store.head()).iterate_rows())
        == list(now.iterate_rows())
        == list(now.as_of_position(None).iterate_rows())
    )


def test_past_rows_are_filtered_sorted_and_counted_like_present_rows(
    shop: Shop, open_read_models: OpenReadModels
) -> None:
    anna, bert = shop.fill("anna"), shop.fill("bert")
    then = shop.store.head()
    for each in (anna, bert):
        each.pay()
    shop.save(anna, bert)
    past = catch_up(open_read_models(OpenBasketsWithHistory)).reader_for(OpenBasketsWithHistory).as_of_position(then)
    assert [row["customer"] for row in past.list_rows(sort=["-customer"])] == ["bert", "anna"]
    assert [row["id"] for row in past.list_rows({"customer": "bert"})] == [str(bert.id)]
    assert (past.count(), past.count({"customer": "anna"})) == (2, 1)
    assert past.get(anna.id) is not None
    after = past.cursor_of(past.list_rows(limit=1)[0])
    assert len(past.list_rows(after=after)) == 1


def test_a_rebuild_finds_a_past_row_changed_in_the_database(
    shop: Shop, open_read_models: OpenReadModels, database: str
) -> None:
    basket = shop.fill("anna")
    shop.add(basket, "a", "b")
    read_models = catch_up(open_read_models(OpenBasketsWithHistory))
    (unchanged,) = read_models.rebuild().values()
    assert unchanged.is_equal
    change_database(database, "UPDATE open_baskets_with_history_1_history SET row='{}' WHERE valid_from="
           "(SELECT max(valid_from) FROM "
           "open_baskets_with_history_1_history)")  # fmt: skip
    (changed,) = read_models.rebuild().values()
    assert (changed.is_equal, changed.different) == (False, 1)


def test_a_projection_without_history_cannot_be_read_as_of_a_position(
    shop: Shop, open_read_models: OpenReadModels
) -> None:
    with pytest.raises(TypeError, match="history"):
        open_read_models(OpenBaskets).reader_for(OpenBaskets).as_of_position(1)


class BasketsWithHistory(Baskets):
    """The rows of baskets, with history."""

    has_history = True


@pytest.mark.case("U5")
@pytest.mark.parametrize("batch", [1, 7, 500])
def test_a_resource_as_of_a_position_is_its_aggregate_then_whatever_batches_the_log_was_read_in(
    shop: Shop, open_read_models: OpenReadModels, batch: int, tmp_path: Path
) -> None:
    save_random_steps(shop, batch)
    read_models = catch_up(open_read_models(BasketsWithHistory), batch)
    now = read_models.reader_for(BasketsWithHistory)
    with closing(RebuiltReadModels(read_models, shop.store, tmp_path)) as rebuilt:
        for position in range(shop.store.head() + 1):
            then = rebuilt.until(position)
            assert list(now.as_of_position(position).iterate_rows()) == all_rows(then, BasketsWithHistory)
    (compared,) = read_models.rebuild().values()
    assert compared.is_equal
    assert issubclass(BasketsWithHistory, ResourceProjection)


def test_position_at_returns_the_position_of_the_newest_event_up_to_a_moment(shop: Shop) -> None:
    for customer in "abc":
        shop.fill(customer, None, ("a", "1", "1"))
    log = shop.store.log(0, 100)
    assert [shop.store.position_at(each.recorded_at) for each in log] == [
        max(other.position for other in log if other.recorded_at <= each.recorded_at) for each in log
    ]
    assert shop.store.position_at(log[0].recorded_at - timedelta(microseconds=1)) == 0
    assert shop.store.position_at(datetime.now(UTC)) == shop.store.head()
