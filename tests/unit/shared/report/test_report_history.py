"""A report read as it was known at any position of the log equals one folded up to there and no further."""

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
from tests.unit.shared.report.shop import Basket, Baskets, OpenBaskets, Shop, catch_up, change_database

Opening = Callable[..., ReadModels]


class OpenBasketsEver(OpenBaskets):
    """Rows that come, change and go, each as it once was."""

    has_history = True

    @on(Basket.GoodsAdded)
    def added(self, added: "Basket.GoodsAdded", rows: Rows) -> None:
        if row := rows.get(added.originator_id):
            rows[added.originator_id] = {**row, "latest": added.sku}
            rows[added.originator_id] = {**row, "latest": added.sku, "twice": True}

    @on(Basket.Admired)
    def admired(self, admired: "Basket.Admired", rows: Rows) -> None:
        """Gone and back at once."""
        if row := rows.pop(admired.originator_id):
            rows[admired.originator_id] = {**row, "customer": "an admirer"}


def a_busy_day(shop: Shop, seed: int) -> None:
    """Baskets filled, added to, admired and paid, in any order."""
    chance, open_baskets = random.Random(seed), list[Basket]()
    for _ in range(40):
        what = chance.choice(["fill", "fill", "add", "add", "admire", "pay", "pay"])
        if what == "fill" or not open_baskets:
            open_baskets.append(shop.fill(chance.choice(["anna", "bert"])))
            continue
        basket = chance.choice(open_baskets)
        if what == "add":
            basket.add(chance.choice("abc"), Decimal(1), Money("1", "EUR"))
        else:
            getattr(basket, what)()
        shop.save(basket)


def folded(read_models: ReadModels, report: type[Projection]) -> list[dict[str, Any]]:
    return list(read_models.reader_for(report).iterate_rows())


@pytest.mark.parametrize("batch", [1, 7, 500])
def test_known_then_is_what_a_fold_up_to_there_gives(shop: Shop, opened: Opening, batch: int, tmp_path: Path) -> None:
    a_busy_day(shop, batch)
    read_models = catch_up(opened(OpenBasketsEver), batch)
    now = read_models.reader_for(OpenBasketsEver)
    with closing(RebuiltReadModels(read_models, shop.store, tmp_path)) as rebuilt:
        for position in range(shop.store.head() + 1):
            then = rebuilt.until(position)
            assert list(now.as_of_position(position).iterate_rows()) == folded(then, OpenBasketsEver)
    assert (
        list(now.as_of_position(shop.store.head()).iterate_rows())
        == list(now.iterate_rows())
        == list(now.as_of_position(None).iterate_rows())
    )


def test_what_was_known_is_filtered_sorted_and_counted_like_what_is(shop: Shop, opened: Opening) -> None:
    anna, bert = shop.fill("anna"), shop.fill("bert")
    then = shop.store.head()
    for each in (anna, bert):
        each.pay()
    shop.save(anna, bert)
    known = catch_up(opened(OpenBasketsEver)).reader_for(OpenBasketsEver).as_of_position(then)
    assert [row["customer"] for row in known.list_rows(sort=["-customer"])] == ["bert", "anna"]
    assert [row["id"] for row in known.list_rows({"customer": "bert"})] == [str(bert.id)]
    assert (known.count(), known.count({"customer": "anna"})) == (2, 1)
    assert known.get(anna.id) is not None
    after = known.cursor_of(known.list_rows(limit=1)[0])
    assert len(known.list_rows(after=after)) == 1


def test_a_past_changed_behind_our_back_is_found(shop: Shop, opened: Opening, database: str) -> None:
    basket = shop.fill("anna")
    shop.add(basket, "a", "b")
    read_models = catch_up(opened(OpenBasketsEver))
    (sound,) = read_models.rebuild().values()
    assert sound.is_equal
    change_database(database, "UPDATE open_baskets_ever_1_history SET row='{}' WHERE valid_from="
           "(SELECT max(valid_from) FROM "
           "open_baskets_ever_1_history)")  # fmt: skip
    (found,) = read_models.rebuild().values()
    assert (found.is_equal, found.different) == (False, 1)


def test_a_report_without_history_has_no_past(shop: Shop, opened: Opening) -> None:
    with pytest.raises(TypeError, match="history"):
        opened(OpenBaskets).reader_for(OpenBaskets).as_of_position(1)


def test_a_collection_keeps_no_history() -> None:
    with pytest.raises(TypeError, match="log"):
        type("Ever", (Baskets,), {"has_history": True})
    assert issubclass(Baskets, ResourceProjection)


def test_the_position_of_a_moment_is_that_of_the_newest_event_by_then(shop: Shop) -> None:
    for customer in "abc":
        shop.fill(customer, None, ("a", "1", "1"))
    log = shop.store.log(0, 100)
    assert [shop.store.position_at(each.recorded_at) for each in log] == [
        max(other.position for other in log if other.recorded_at <= each.recorded_at) for each in log
    ]
    assert shop.store.position_at(log[0].recorded_at - timedelta(microseconds=1)) == 0
    assert shop.store.position_at(datetime.now(UTC)) == shop.store.head()
