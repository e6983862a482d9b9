"""Rows built anew: when the code changed, when the log was restored, and when someone doubts them."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from shared.projections import Projection, ProjectionStatus, ReadModels, Rows, on
from shared.projections.database_url import open_database
from shared.store import StoreError
from tests.unit.shared.report.shop import Basket, GoodsSold, Shop, catch_up, change_database

Opening = Callable[..., ReadModels]


class Customers(Projection):
    """How many baskets each customer filled."""

    columns = {"baskets": int}

    @on(Basket.Filled)
    def filled(self, filled: "Basket.Filled", rows: Rows) -> None:
        row = rows.get(filled.customer, {"baskets": 0})
        rows[filled.customer] = {"baskets": row["baskets"] + 1}


class CustomersAnew(Customers):
    """The same in capitals."""

    name = "customers"
    version = 2

    @on(Basket.Filled)
    def filled(self, filled: "Basket.Filled", rows: Rows) -> None:
        row = rows.get(filled.customer.upper(), {"baskets": 0})
        rows[filled.customer.upper()] = {"baskets": row["baskets"] + 1}


class CustomersByName(Customers):
    """The same, and the name can be filtered by."""

    name = "customers"
    columns = {"baskets": int, "customer": str}

    @on(Basket.Filled)
    def filled(self, filled: "Basket.Filled", rows: Rows) -> None:
        super().filled(filled, rows)
        rows[filled.customer] = {**rows[filled.customer], "customer": filled.customer}


def counted(read_models: ReadModels, report: type[Projection] = Customers) -> dict[str, int]:
    return {row["id"]: row["baskets"] for row in read_models.reader_for(report).iterate_rows()}


def tables(database: str) -> set[str]:
    """The tables of rows there are."""
    opened = open_database(database, "shop")
    try:
        return {name for (name,) in opened.query("SELECT name FROM projections")} | {
            name for name in ("customers_1", "customers_2", "customers_3") if _there(opened, name)
        }
    finally:
        opened.close()


def _there(opened: Any, table: str) -> bool:
    try:
        opened.query(f"SELECT 1 FROM {table}")
    except StoreError:
        return False
    return True


def test_a_new_version_is_built_beside_the_old_and_exchanged(shop: Shop, opened: Opening, database: str) -> None:
    for name in ("anna", "bert", "anna"):
        shop.fill(name)
    old = catch_up(opened(Customers))
    reader = old.reader_for(Customers)
    assert reader.count() == 2
    shop.fill("anna")

    new = opened(CustomersAnew)
    assert new.status() == {"customers": ProjectionStatus(3, building_position=0)}
    assert counted(new, CustomersAnew) == {"anna": 2, "bert": 1}
    assert new.wait_until(CustomersAnew, 4, timeout=0) is False

    told: list[tuple[str, int, int]] = []
    assert new.process_batch(2, lambda *progress: told.append(progress)) is True
    assert new.status() == {"customers": ProjectionStatus(3, building_position=2)}
    resumed = opened(CustomersAnew)
    assert resumed.process_batch(1, lambda *progress: told.append(progress)) is True
    assert counted(resumed, CustomersAnew) == {"anna": 2, "bert": 1}
    assert resumed.process_batch(2, lambda *progress: told.append(progress)) is False

    assert told == [("customers", 2, 4), ("customers", 3, 4), ("customers", 4, 4)]
    assert resumed.status() == {"customers": ProjectionStatus(4)}
    assert counted(resumed, CustomersAnew) == {"ANNA": 3, "BERT": 1}
    assert {row["id"] for row in reader.iterate_rows()} == {"ANNA", "BERT"}
    assert tables(database) == {"customers_2"}


def test_the_old_version_goes_on_while_the_new_one_is_built(shop: Shop, opened: Opening) -> None:
    shop.fill("anna")
    old = catch_up(opened(Customers))
    new = opened(CustomersAnew)
    shop.fill("anna")
    shop.fill("bert")
    catch_up(old)
    assert new.wait_until(CustomersAnew, 3, timeout=0)
    assert counted(new, CustomersAnew) == {"anna": 2, "bert": 1}
    catch_up(new)
    assert counted(new, CustomersAnew) == {"ANNA": 2, "BERT": 1}


def test_going_back_to_the_old_version_builds_that_again(shop: Shop, opened: Opening, database: str) -> None:
    shop.fill("anna")
    catch_up(opened(Customers))
    catch_up(opened(CustomersAnew))
    assert counted(catch_up(opened(Customers))) == {"anna": 1}
    assert tables(database) == {"customers_3"}


def test_a_new_column_can_be_asked_for_once_it_is_built(shop: Shop, opened: Opening) -> None:
    shop.fill("anna")
    shop.fill("bert")
    catch_up(opened(Customers))
    new = opened(CustomersByName)
    reader = new.reader_for(CustomersByName)
    assert reader.count() == 2
    with pytest.raises(StoreError, match="being built"):
        reader.list_rows({"customer": "bert"})
    catch_up(new)
    assert [row["id"] for row in reader.list_rows({"customer": "bert"})] == ["bert"]


def test_a_report_built_for_the_first_time_has_no_rows_before(shop: Shop, opened: Opening) -> None:
    shop.fill("anna")
    read_models = opened(Customers)
    assert read_models.status() == {"customers": ProjectionStatus(0, building_position=0)}
    with pytest.raises(StoreError, match="not built yet"):
        read_models.reader_for(Customers).count()
    with pytest.raises(StoreError, match="being built"):
        read_models.rebuild()
    catch_up(read_models)
    assert counted(read_models) == {"anna": 1}


def test_a_report_of_an_empty_log_can_be_asked_at_once(shop: Shop, opened: Opening) -> None:
    assert opened(Customers).reader_for(Customers).count() == 0


def test_a_restored_log_is_folded_anew(shop: Shop, opened: Opening) -> None:
    """A restore brings another epoch: positions of the old log mean nothing in it."""
    shop.fill("anna")
    catch_up(opened(Customers))
    shop.store.close()
    with closing(sqlite3.connect(shop.path)) as db:
        db.execute("UPDATE store_identity SET epoch='00000000deadbeef'")
        db.commit()
    restored = Shop.at(shop.path)
    read_models = ReadModels("shop", restored.store, (Customers,), opened(Customers)._database)
    read_models.migrate()
    assert read_models.status() == {"customers": ProjectionStatus(1, building_position=0)}
    catch_up(read_models)
    assert read_models.status() == {"customers": ProjectionStatus(1)}
    restored.store.close()


def test_migrating_again_changes_nothing(shop: Shop, opened: Opening, database: str) -> None:
    shop.fill("anna")
    catch_up(opened(Customers))
    assert opened(Customers).status() == {"customers": ProjectionStatus(1)}
    assert tables(database) == {"customers_1"}


# -- comparing


@pytest.fixture
def spoiled(shop: Shop, opened: Opening, database: str) -> ReadModels:
    """Rows of which one was changed, one lost and one invented behind everybody's back."""
    shop.fill("anna", None, ("APPLE", "1", "1"), ("BREAD", "1", "1"), ("CHEESE", "1", "1"))
    read_models = catch_up(opened())
    change_database(
        database,
        """UPDATE goods_sold_1 SET row='{"sku":"APPLE","quantity":"9","times":1}' WHERE key='APPLE'""",
        "DELETE FROM goods_sold_1 WHERE key='BREAD'",
        "INSERT INTO goods_sold_1 SELECT 'DATES', row, c_sku, c_quantity, c_times FROM goods_sold_1 WHERE key='CHEESE'",
    )
    return read_models


def test_every_row_that_differs_is_found(spoiled: ReadModels) -> None:
    told: set[str] = set()
    found = spoiled.rebuild(lambda report, *_: told.add(report))
    assert told == {"baskets", "goods_sold", "open_baskets"}
    goods = found["goods_sold"]
    assert (goods.equal, goods.different, goods.missing, goods.extra) == (1, 1, 1, 1)
    assert goods.examples == {"APPLE": ("quantity",), "BREAD": ("missing",), "DATES": ("extra",)}
    assert not goods.is_equal
    assert found["baskets"].is_equal
    assert found["open_baskets"].is_equal
    assert {row["id"]: row["quantity"] for row in spoiled.reader_for(GoodsSold).iterate_rows()}["APPLE"] == "9"


def test_a_column_that_does_not_belong_to_its_row_is_found(shop: Shop, opened: Opening, database: str) -> None:
    basket = shop.fill("anna")
    read_models = catch_up(opened())
    change_database(database, "UPDATE baskets_1 SET c_customer='bert'")
    assert read_models.rebuild()["baskets"].examples == {str(basket.id): ("column customer",)}


def test_comparing_leaves_nothing_behind(shop: Shop, opened: Opening, database: str, tmp_path: Any) -> None:
    shop.fill("anna")
    read_models = catch_up(opened())
    read_models.rebuild()
    if database.startswith("sqlite"):
        assert not list(tmp_path.glob("*scratch*"))
    else:
        opened_again = open_database(database, "shop")
        schemas = opened_again.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE ?", ("shop%",))
        assert schemas == [("shop_reports",)]
        opened_again.close()


def test_rows_are_compared_as_of_one_moment_while_others_write(shop: Shop, opened: Opening) -> None:
    """While the log is folded from zero it grows, and so do the live rows."""
    for _ in range(5):
        shop.fill("anna")
    read_models, worker = catch_up(opened()), opened()

    def meanwhile(report: str, position: int, of: int) -> None:
        shop.fill("bert", None, ("APPLE", "1", "1"))
        catch_up(worker)

    found = read_models.rebuild(meanwhile)
    assert {name: (each.is_equal, each.equal > 0) for name, each in found.items()} == {
        "baskets": (True, True),
        "goods_sold": (True, True),
        "open_baskets": (True, True),
    }
    assert max(each.position for each in found.values()) > 5


def test_a_report_that_broke_says_so_when_compared(
    shop: Shop, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.fill("anna")
    read_models = catch_up(opened(Customers))

    def broken(self: Customers, filled: Any, rows: Rows) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Customers, "filled", on(Basket.Filled)(broken))
    found = read_models.rebuild()["customers"]
    assert "ZeroDivisionError" in (found.error or "")
    assert not found.is_equal


def test_a_report_is_named_after_its_class_in_snake_case() -> None:
    assert (GoodsSold.name, CustomersAnew.name) == ("goods_sold", "customers")
