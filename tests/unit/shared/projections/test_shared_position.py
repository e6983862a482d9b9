"""The position that complete projections share: an event costs the same with many projections, and none is left out."""

import random
from typing import Any

import pytest

from shared.projections import Projection, ReadModels, Rows, on
from shared.store import StoreError
from tests.unit.shared.projections.shop import Basket, GoodsSold, OpenBaskets, Shop, catch_up, change_database
from tests.unit.shared.projections.test_rebuilding import Customers, CustomersInCapitals, basket_counts
from tests.unit.shared.projections.test_updating import Fragile, OpenReadModels


def tables_with_their_own_position(read_models: ReadModels) -> set[str]:
    rows = read_models._database.query("SELECT projection FROM projections WHERE position IS NOT NULL")
    return {projection for (projection,) in rows}


def positions(read_models: ReadModels) -> set[int]:
    return set(read_models.positions().values())


def test_complete_projections_share_one_position(shop: Shop, open_read_models: OpenReadModels) -> None:
    shop.fill("anna")
    read_models = catch_up(open_read_models())
    assert tables_with_their_own_position(read_models) == set()
    shop.fill("bert")
    catch_up(read_models)
    assert positions(read_models) == {2}


def test_a_new_projection_shares_the_position_once_it_has_caught_up(
    shop: Shop, open_read_models: OpenReadModels
) -> None:
    for name in ("anna", "bert", "carl"):
        shop.fill(name)
    catch_up(open_read_models(GoodsSold))
    both = open_read_models(GoodsSold, Customers)
    both.process_batch(1)
    assert tables_with_their_own_position(both) == {"customers"}
    catch_up(both)
    assert tables_with_their_own_position(both) == set()
    assert basket_counts(both) == {"anna": 1, "bert": 1, "carl": 1}


def test_a_failed_projection_stays_where_it_failed_until_it_is_mended(
    shop: Shop, open_read_models: OpenReadModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = catch_up(open_read_models(Fragile, GoodsSold))
    shop.fill("anna", None, ("GLASS", "1", "1"))
    catch_up(first)
    assert tables_with_their_own_position(first) == {"fragile"}
    monkeypatch.setattr(Fragile, "packed", True)
    second = catch_up(open_read_models(Fragile, GoodsSold))
    assert tables_with_their_own_position(second) == set()

    shop.fill("bert", None, ("APPLE", "3", "1"))
    catch_up(first)
    assert {row["id"] for row in first.reader_for(Fragile).iterate_rows()} == {"APPLE", "GLASS"}
    assert all(each.is_equal for each in second.rebuild().values())


def test_a_projection_that_fails_in_a_batch_that_is_not_stored_is_not_advanced(
    shop: Shop, open_read_models: OpenReadModels, database: str
) -> None:
    read_models = catch_up(open_read_models(Fragile, GoodsSold))
    shop.fill("anna", None, ("GLASS", "1", "1"))
    change_database(database, "ALTER TABLE goods_sold_1 RENAME TO elsewhere")
    with pytest.raises(StoreError):
        read_models.process_batch()
    change_database(database, "ALTER TABLE elsewhere RENAME TO goods_sold_1")
    catch_up(read_models)
    failed = read_models.status()["fragile"]
    assert (failed.position, "broken glass" in (failed.error or "")) == (0, True)
    assert read_models.status()["goods_sold"].position == 2


def test_a_rebuild_reports_a_projection_that_fails_now_and_compares_the_others(
    shop: Shop, open_read_models: OpenReadModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fragile, "packed", True)
    shop.fill("anna", None, ("GLASS", "1", "1"))
    read_models = catch_up(open_read_models(Fragile, GoodsSold))
    monkeypatch.setattr(Fragile, "packed", False)
    found = read_models.rebuild()
    assert (found["fragile"].is_equal, "broken glass" in (found["fragile"].error or "")) == (False, True)
    assert found["goods_sold"].is_equal


def test_workers_of_two_versions_keep_their_own_projections_right(shop: Shop, open_read_models: OpenReadModels) -> None:
    """The old version must not advance what only the new one updates, nor the other way round."""
    shop.fill("anna")
    workers = [catch_up(open_read_models(OpenBaskets, Customers))]
    workers.append(open_read_models(OpenBaskets, Customers, OnlyNewPart))
    chosen = random.Random(4)
    for turn in range(60):
        shop.fill(f"customer {turn % 7}")
        chosen.choice(workers).process_batch(chosen.choice([1, 2, 500]))
    for worker in workers:
        catch_up(worker)
    assert positions(workers[1]) == {61}
    assert workers[1].reader_for(OnlyNewPart).get("all") == {"id": "all", "count": 61}
    for worker in workers:
        assert all(each.is_equal for each in worker.rebuild().values())


class OnlyNewPart(Projection):
    """The number of all baskets, which only the new version counts."""

    @on(Basket.Filled)
    def filled(self, filled: "Basket.Filled", rows: Rows) -> None:
        row: dict[str, Any] = rows.get("all", {"count": 0})
        rows["all"] = {"count": row["count"] + 1}


def test_a_changed_projection_is_right_whichever_version_works(shop: Shop, open_read_models: OpenReadModels) -> None:
    shop.fill("anna")
    old = catch_up(open_read_models(OpenBaskets, Customers))
    new = open_read_models(OpenBaskets, CustomersInCapitals)
    for worker in (old, new, old, old, new):
        shop.fill("bert")
        worker.process_batch(2)
    catch_up(old)
    catch_up(new)
    assert basket_counts(new, CustomersInCapitals) == {"ANNA": 1, "BERT": 5}
    assert all(each.is_equal for each in new.rebuild().values())
