"""Rebuilding rows: after a change of the code, after a restore of the log, and to check the live rows."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from shared.projections import Projection, ProjectionStatus, ReadModels, Rows, on
from shared.projections.database_url import open_database
from shared.store import StoreError
from shared.testing.services import seal_again
from tests.unit.shared.projections.shop import Basket, GoodsSold, Shop, catch_up, change_database

OpenReadModels = Callable[..., ReadModels]


class Customers(Projection):
    """How many baskets each customer filled."""

    columns = {"baskets": int}

    @on(Basket.Filled)
    def filled(self, filled: "Basket.Filled", rows: Rows) -> None:
        row = rows.get(filled.customer, {"baskets": 0})
        rows[filled.customer] = {"baskets": row["baskets"] + 1}


class CustomersInCapitals(Customers):
    """Version 2: the names in capitals."""

    name = "customers"
    version = 2

    @on(Basket.Filled)
    def filled(self, filled: "Basket.Filled", rows: Rows) -> None:
        row = rows.get(filled.customer.upper(), {"baskets": 0})
        rows[filled.customer.upper()] = {"baskets": row["baskets"] + 1}


class CustomersByName(Customers):
    """The same rows with the name as a column."""

    name = "customers"
    columns = {"baskets": int, "customer": str}

    @on(Basket.Filled)
    def filled(self, filled: "Basket.Filled", rows: Rows) -> None:
        super().filled(filled, rows)
        rows[filled.customer] = {**rows[filled.customer], "customer": filled.customer}


def basket_counts(read_models: ReadModels, projection: type[Projection] = Customers) -> dict[str, int]:
    return {row["id"]: row["baskets"] for row in read_models.reader_for(projection).iterate_rows()}


def tables(database: str) -> set[str]:
    """Return the names of the existing tables of rows."""
    opened = open_database(database, "shop")
    try:
        return {name for (name,) in opened.query("SELECT name FROM projections")} | {
            name for name in ("customers_1", "customers_2", "customers_3") if _exists(opened, name)
        }
    finally:
        opened.close()


def _exists(opened: Any, table: str) -> bool:
    try:
        opened.query(f"SELECT 1 FROM {table}")
    except StoreError:
        return False
    return True


def test_a_new_version_is_built_next_to_the_old_one_and_replaces_it(
    shop: Shop, open_read_models: OpenReadModels, database: str
) -> None:
    for name in ("anna", "bert", "anna"):
        shop.fill(name)
    old = catch_up(open_read_models(Customers))
    reader = old.reader_for(Customers)
    assert reader.count() == 2
    shop.fill("anna")

    new = open_read_models(CustomersInCapitals)
    assert new.status() == {"customers": ProjectionStatus(3, building_position=0)}
    assert basket_counts(new, CustomersInCapitals) == {"anna": 2, "bert": 1}
    assert new.wait_until(CustomersInCapitals, 4, timeout=0) is False

    reported: list[tuple[str, int, int]] = []
    assert new.process_batch(2, lambda *progress: reported.append(progress)) is True
    assert new.status() == {"customers": ProjectionStatus(3, building_position=2)}
    resumed = open_read_models(CustomersInCapitals)
    assert resumed.process_batch(1, lambda *progress: reported.append(progress)) is True
    assert basket_counts(resumed, CustomersInCapitals) == {"anna": 2, "bert": 1}
    assert resumed.process_batch(2, lambda *progress: reported.append(progress)) is False

    assert reported == [("customers", 2, 4), ("customers", 3, 4), ("customers", 4, 4)]
    assert resumed.status() == {"customers": ProjectionStatus(4)}
    assert basket_counts(resumed, CustomersInCapitals) == {"ANNA": 3, "BERT": 1}
    assert {row["id"] for row in reader.iterate_rows()} == {"ANNA", "BERT"}
    assert tables(database) == {"customers_2"}


def test_the_old_version_is_updated_while_the_new_one_is_built(shop: Shop, open_read_models: OpenReadModels) -> None:
    shop.fill("anna")
    old = catch_up(open_read_models(Customers))
    new = open_read_models(CustomersInCapitals)
    shop.fill("anna")
    shop.fill("bert")
    catch_up(old)
    assert new.wait_until(CustomersInCapitals, 3, timeout=0)
    assert basket_counts(new, CustomersInCapitals) == {"anna": 2, "bert": 1}
    catch_up(new)
    assert basket_counts(new, CustomersInCapitals) == {"ANNA": 2, "BERT": 1}


def test_a_return_to_the_old_version_builds_it_again(
    shop: Shop, open_read_models: OpenReadModels, database: str
) -> None:
    shop.fill("anna")
    catch_up(open_read_models(Customers))
    catch_up(open_read_models(CustomersInCapitals))
    assert basket_counts(catch_up(open_read_models(Customers))) == {"anna": 1}
    assert tables(database) == {"customers_3"}


def test_a_new_column_can_be_filtered_by_once_it_is_built(shop: Shop, open_read_models: OpenReadModels) -> None:
    shop.fill("anna")
    shop.fill("bert")
    catch_up(open_read_models(Customers))
    new = open_read_models(CustomersByName)
    reader = new.reader_for(CustomersByName)
    assert reader.count() == 2
    with pytest.raises(StoreError, match="being built"):
        reader.list_rows({"customer": "bert"})
    catch_up(new)
    assert [row["id"] for row in reader.list_rows({"customer": "bert"})] == ["bert"]


def test_a_projection_cannot_be_read_before_it_is_first_built(shop: Shop, open_read_models: OpenReadModels) -> None:
    shop.fill("anna")
    read_models = open_read_models(Customers)
    assert read_models.status() == {"customers": ProjectionStatus(0, building_position=0)}
    with pytest.raises(StoreError, match="not built yet"):
        read_models.reader_for(Customers).count()
    with pytest.raises(StoreError, match="being built"):
        read_models.rebuild()
    catch_up(read_models)
    assert basket_counts(read_models) == {"anna": 1}


def test_a_projection_of_an_empty_log_can_be_read_at_once(shop: Shop, open_read_models: OpenReadModels) -> None:
    assert open_read_models(Customers).reader_for(Customers).count() == 0


def test_a_restored_log_causes_a_rebuild(shop: Shop, open_read_models: OpenReadModels) -> None:
    """A restored log has another epoch, in which positions of the former log are not valid."""
    shop.fill("anna")
    catch_up(open_read_models(Customers))
    shop.store.close()
    with closing(sqlite3.connect(shop.path)) as db:
        db.execute("UPDATE store_identity SET epoch='00000000deadbeef'")
        db.commit()
    restored = Shop.at(shop.path)
    seal_again(restored.store)
    read_models = ReadModels("shop", restored.store, (Customers,), open_read_models(Customers)._database)
    read_models.migrate()
    assert read_models.status() == {"customers": ProjectionStatus(1, building_position=0)}
    catch_up(read_models)
    assert read_models.status() == {"customers": ProjectionStatus(1)}
    restored.store.close()


def test_migrating_again_changes_nothing(shop: Shop, open_read_models: OpenReadModels, database: str) -> None:
    shop.fill("anna")
    catch_up(open_read_models(Customers))
    assert open_read_models(Customers).status() == {"customers": ProjectionStatus(1)}
    assert tables(database) == {"customers_1"}


# -- comparing


@pytest.fixture
def tampered(shop: Shop, open_read_models: OpenReadModels, database: str) -> ReadModels:
    """Read models with one row changed, one deleted and one added directly in the database."""
    shop.fill("anna", None, ("APPLE", "1", "1"), ("BREAD", "1", "1"), ("CHEESE", "1", "1"))
    read_models = catch_up(open_read_models())
    columns = "c_sku_order, c_sku, c_quantity, c_times"
    change_database(
        database,
        """UPDATE goods_sold_1 SET row='{"sku":"APPLE","quantity":"9","times":1}' WHERE key='APPLE'""",
        "DELETE FROM goods_sold_1 WHERE key='BREAD'",
        f"INSERT INTO goods_sold_1 SELECT 'DATES', {columns}, row FROM goods_sold_1 WHERE key='CHEESE'",
    )
    return read_models


def test_a_rebuild_finds_every_row_that_differs(tampered: ReadModels) -> None:
    reported: set[str] = set()
    found = tampered.rebuild(lambda projection, *_: reported.add(projection))
    assert reported == {"baskets", "goods_sold", "open_baskets"}
    goods = found["goods_sold"]
    assert (goods.equal, goods.different, goods.missing, goods.extra) == (1, 1, 1, 1)
    assert goods.examples == {"APPLE": ("quantity",), "BREAD": ("missing",), "DATES": ("extra",)}
    assert not goods.is_equal
    assert found["baskets"].is_equal
    assert found["open_baskets"].is_equal
    assert {row["id"]: row["quantity"] for row in tampered.reader_for(GoodsSold).iterate_rows()}["APPLE"] == "9"


def test_a_rebuild_finds_a_column_that_does_not_match_its_row(
    shop: Shop, open_read_models: OpenReadModels, database: str
) -> None:
    basket = shop.fill("anna")
    read_models = catch_up(open_read_models())
    change_database(database, "UPDATE baskets_1 SET c_customer='bert'")
    assert read_models.rebuild()["baskets"].examples == {str(basket.id): ("column customer",)}


def test_a_rebuild_removes_its_temporary_database(
    shop: Shop, open_read_models: OpenReadModels, database: str, tmp_path: Any
) -> None:
    shop.fill("anna")
    read_models = catch_up(open_read_models())
    read_models.rebuild()
    if database.startswith("sqlite"):
        assert not list(tmp_path.glob("*scratch*"))
    else:
        opened_again = open_database(database, "shop")
        schemas = opened_again.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE ?", ("shop%",))
        assert schemas == [("shop_reports",)]
        opened_again.close()


def test_rows_are_compared_as_of_one_position_during_writes(shop: Shop, open_read_models: OpenReadModels) -> None:
    """The log and the live rows grow during the rebuild."""
    for _ in range(5):
        shop.fill("anna")
    read_models, worker = catch_up(open_read_models()), open_read_models()

    def write_more(projection: str, position: int, of: int) -> None:
        shop.fill("bert", None, ("APPLE", "1", "1"))
        catch_up(worker)

    found = read_models.rebuild(write_more)
    assert {name: (each.is_equal, each.equal > 0) for name, each in found.items()} == {
        "baskets": (True, True),
        "goods_sold": (True, True),
        "open_baskets": (True, True),
    }
    assert max(each.position for each in found.values()) > 5


def test_a_comparison_contains_the_error_of_a_failed_rebuild(
    shop: Shop, open_read_models: OpenReadModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.fill("anna")
    read_models = catch_up(open_read_models(Customers))

    def fail(self: Customers, filled: Any, rows: Rows) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Customers, "filled", on(Basket.Filled)(fail))
    found = read_models.rebuild()["customers"]
    assert "ZeroDivisionError" in (found.error or "")
    assert not found.is_equal


def test_a_projection_is_named_after_its_class_in_snake_case() -> None:
    assert (GoodsSold.name, CustomersInCapitals.name) == ("goods_sold", "customers")
