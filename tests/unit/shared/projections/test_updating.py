"""Rows depend only on the log, not on batch sizes, restarts or the number of workers."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.money import Money
from shared.projections import Projection, ProjectionStatus, ReadModels, Rows, on
from shared.store import StoreError
from tests.unit.shared.projections.shop import (
    PROJECTIONS,
    Basket,
    Baskets,
    GoodsSold,
    OpenBaskets,
    Shop,
    catch_up,
    change_database,
)

OpenReadModels = Callable[..., ReadModels]


# -- random steps, applied to the shop and to expected rows

CUSTOMERS = ("anna", "bert")
SKUS = ("APPLE", "BREAD")

steps = st.lists(
    st.one_of(
        st.tuples(st.just("fill"), st.sampled_from(CUSTOMERS)),
        st.tuples(st.just("add"), st.integers(0, 9), st.sampled_from(SKUS), st.integers(1, 9)),
        st.tuples(st.just("pay"), st.integers(0, 9)),
        st.tuples(st.just("admire"), st.integers(0, 9)),
        st.tuples(st.just("advance"), st.integers(1, 4)),
        st.tuples(st.just("reopen")),
    ),
    max_size=40,
)


class ExpectedRows:
    """Expected rows, computed without projections."""

    def __init__(self) -> None:
        self.baskets: list[dict[str, Any]] = []
        self.open: dict[str, dict[str, Any]] = {}
        self.paid_twice: list[str] = []
        self.quantities: Counter[str] = Counter()
        self.times: Counter[str] = Counter()

    def apply(self, shop: Shop, baskets: list[Basket], step: tuple[Any, ...]) -> None:
        """Apply one step to the shop and to the expected rows."""
        action, *values = step
        if action == "fill":
            baskets.append(shop.fill(values[0]))
            others = sum(row["customer"] == values[0] for row in self.open.values())
            self.open[str(baskets[-1].id)] = {"customer": values[0], "others": others}
            self.baskets.append({"customer": values[0], "version": 1, "status": "open", "total": 0})
        elif baskets:
            basket = baskets[values[0] % len(baskets)]
            self._change(self.baskets[values[0] % len(baskets)], basket, action, *values[1:])
            shop.save(basket)

    def _change(self, row: dict[str, Any], basket: Basket, action: str, sku: str = "", quantity: int = 0) -> None:
        row["version"] += 1
        if action == "add":
            basket.add(sku, Decimal(quantity), Money("1.25", "EUR"))
            row["total"] += quantity
            self.quantities[sku] += quantity
            self.times[sku] += 1
        elif action == "pay":
            basket.pay()
            row["status"] = "paid"
            if self.open.pop(str(basket.id), None) is None:
                self.paid_twice.append(str(basket.id))
        else:
            basket.admire()


def assert_rows_are_as_expected(read_models: ReadModels, baskets: list[Basket], expected_rows: ExpectedRows) -> None:
    reader = read_models.reader_for(Baskets)
    assert reader.count() == len(baskets)
    for basket, expected in zip(baskets, expected_rows.baskets, strict=True):
        row = reader.get(basket.id) or {}
        assert (row["customer"], row["version"], row["status"]) == (
            expected["customer"],
            expected["version"],
            expected["status"],
        )
        assert row["total"] == {"amount": f"{expected['total'] * Decimal('1.25'):.2f}", "currency": "EUR"}
    sold = {row["id"]: (row["quantity"], row["times"]) for row in read_models.reader_for(GoodsSold).iterate_rows()}
    assert sold == {sku: (str(expected_rows.quantities[sku]), expected_rows.times[sku]) for sku in expected_rows.times}
    unpaid = {row.pop("id"): row for row in read_models.reader_for(OpenBaskets).iterate_rows()}
    twice = unpaid.pop("paid twice", {"baskets": []})
    assert unpaid == expected_rows.open
    assert twice["baskets"] == expected_rows.paid_twice


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(chosen_steps=steps)
def test_rows_do_not_depend_on_batch_sizes_and_restarts(
    tmp_path_factory: pytest.TempPathFactory, database: str, numbers: Iterator[int], chosen_steps: list[tuple[Any, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("shop")
    shop, expected_rows = Shop.in_folder(folder, f"shop{next(numbers)}"), ExpectedRows()
    baskets: list[Basket] = []
    address = f"sqlite:///{folder / 'projections.db'}" if database.startswith("sqlite") else database

    def open_migrated() -> ReadModels:
        read_models = ReadModels(shop.store.service, shop.store, PROJECTIONS, address)
        read_models.migrate()
        return read_models

    read_models = open_migrated()
    for step in chosen_steps:
        if step[0] == "advance":
            read_models.process_batch(step[1])
        elif step[0] == "reopen":
            read_models.close()
            read_models = open_migrated()
        else:
            expected_rows.apply(shop, baskets, step)
    catch_up(read_models, 3)

    assert_rows_are_as_expected(read_models, baskets, expected_rows)
    compared = read_models.rebuild()
    assert all(each.is_equal for each in compared.values())
    assert compared["baskets"].equal == len(baskets)
    read_models.close()
    shop.store.close()


@pytest.fixture
def numbers() -> Iterator[int]:
    return iter(range(10_000))


# -- positions


def test_the_position_advances_over_events_without_a_handler(shop: Shop, open_read_models: OpenReadModels) -> None:
    basket = shop.fill("anna")
    read_models = catch_up(open_read_models())
    for _ in range(5):
        basket.admire()
    shop.save(basket)
    assert read_models.process_batch() is False
    assert read_models.position(GoodsSold) == shop.store.head() == 6
    assert read_models.positions() == {"baskets": 6, "goods_sold": 6, "open_baskets": 6}


def test_process_batch_returns_whether_more_events_are_waiting(shop: Shop, open_read_models: OpenReadModels) -> None:
    read_models = open_read_models()
    assert read_models.process_batch() is False
    shop.fill("anna", None, *[("APPLE", "1", "1")] * 4)
    assert read_models.process_batch(limit=2) is True
    assert read_models.position(Baskets) == 2
    assert read_models.process_batch(limit=2) is True
    assert read_models.process_batch(limit=2) is False
    assert read_models.position(Baskets) == 5


def test_wait_until_returns_when_the_position_is_reached(shop: Shop, open_read_models: OpenReadModels) -> None:
    worker, api = open_read_models(), open_read_models(migrated=False)
    shop.fill("anna")
    assert api.wait_until(Baskets, 1, timeout=0.02) is False
    updating = threading.Timer(0.02, worker.process_batch)
    updating.start()
    assert api.wait_until(Baskets, 1, timeout=5) is True
    assert api.reader_for(Baskets).count() == 1
    updating.join()


def test_wait_until_does_not_check_a_reached_position_again(shop: Shop, open_read_models: OpenReadModels) -> None:
    read_models = open_read_models()
    shop.fill("anna")
    catch_up(read_models)
    assert read_models.wait_until(Baskets, 1, timeout=0)
    read_models.close()
    assert read_models.wait_until(Baskets, 1, timeout=0)


# -- migration


def test_only_migrate_creates_tables(shop: Shop, open_read_models: OpenReadModels, tmp_path: Path) -> None:
    api = open_read_models(migrated=False)
    with pytest.raises(StoreError, match="run migrate first"):
        api.check()
    with pytest.raises(StoreError, match="run migrate first"):
        api.process_batch()
    assert not (tmp_path / "projections.db").exists()
    open_read_models()
    api.check()
    with pytest.raises(StoreError, match="orders_admired"):
        open_read_models(*PROJECTIONS, OrdersAdmired, migrated=False).check()


class OrdersAdmired(Projection):
    """Another projection."""


def test_two_projections_cannot_have_the_same_name(shop: Shop, open_read_models: OpenReadModels) -> None:
    with pytest.raises(TypeError, match="same name"):
        open_read_models(Baskets, Baskets)


def test_a_column_name_must_be_an_identifier() -> None:
    with pytest.raises(TypeError, match="placed-on"):
        type("Odd", (Projection,), {"columns": {"placed-on": str}})


def test_a_row_has_no_field_with_the_name_of_its_key() -> None:
    with pytest.raises(TypeError, match="`id` is the key of every row"):
        type("Odd", (Projection,), {"columns": {"id": str}})
    with pytest.raises(TypeError, match="`id` is the key of every row"):
        type("Odd", (Projection,), {"extra_fields": {"id": str}})


# -- rows


class Scratch(Projection):
    """Passes its rows to an action of the test."""

    columns = {"colour": str}

    @on(Basket.Filled)
    def filled(self, filled: "Basket.Filled", rows: Rows) -> None:
        row_actions[filled.customer](rows)


row_actions: dict[str, Callable[[Rows], None]] = {}


def run_in_handler(shop: Shop, read_models: ReadModels, action: Callable[[Rows], None]) -> str | None:
    """Run the action in an event handler, store the rows, and return the projection's error or none."""
    row_actions["anna"] = action
    shop.fill("anna")
    catch_up(read_models)
    return read_models.status()["scratch"].error


def test_a_changed_row_is_stored_only_when_it_is_assigned(shop: Shop, open_read_models: OpenReadModels) -> None:
    read_models = open_read_models(Scratch)

    def change_without_assigning(rows: Rows) -> None:
        rows["a"] = {"colour": "red", "marks": []}
        rows["a"]["marks"].append(1)
        rows.get("a")["colour"] = "blue"

    assert run_in_handler(shop, read_models, change_without_assigning) is None
    assert read_models.reader_for(Scratch).get("a") == {"id": "a", "colour": "red", "marks": []}


def test_an_assigned_row_is_returned_in_json_form_at_once(shop: Shop, open_read_models: OpenReadModels) -> None:
    read_models = open_read_models(Scratch)
    seen: list[Any] = []

    def put(rows: Rows) -> None:
        rows[UUID(int=1)] = {"colour": None, "total": Money("1", "EUR"), "quantity": Decimal("1.50")}
        seen.append(rows[UUID(int=1)])

    assert run_in_handler(shop, read_models, put) is None
    assert run_in_handler(shop, read_models, lambda rows: seen.append(rows[str(UUID(int=1))])) is None
    expected = {"colour": None, "total": {"amount": "1.00", "currency": "EUR"}, "quantity": "1.50"}
    assert seen == [expected, expected]


def test_list_where_includes_stored_and_unwritten_changes(shop: Shop, open_read_models: OpenReadModels) -> None:
    read_models = open_read_models(Scratch)
    found: list[list[str]] = []

    def list_by_colour(rows: Rows, *colours: str) -> None:
        found.extend([key for key, _ in rows.list_where(colour=colour)] for colour in colours)

    def store(rows: Rows) -> None:
        for key, colour in {"a": "red", "b": "red", "c": "blue", "d": "red"}.items():
            rows[key] = {"colour": colour}

    def repaint(rows: Rows) -> None:
        rows["a"] = {"colour": "blue"}
        rows["e"] = {"colour": "red"}
        rows.pop("b")
        list_by_colour(rows, "red", "blue", "green")

    assert run_in_handler(shop, read_models, store) is None
    assert run_in_handler(shop, read_models, repaint) is None
    assert run_in_handler(shop, read_models, lambda rows: list_by_colour(rows, "red", "blue")) is None
    assert found == [["d", "e"], ["a", "c"], [], ["d", "e"], ["a", "c"]]


def test_a_missing_row_is_none_or_the_default(shop: Shop, open_read_models: OpenReadModels) -> None:
    read_models = open_read_models(Scratch)
    seen: list[Any] = []

    def access(rows: Rows) -> None:
        seen.extend([rows.get("a"), rows.get("a", {"new": True}), "a" in rows, rows.pop("a", "none")])
        rows["a"] = {"colour": "red"}
        seen.extend(["a" in rows, rows.pop("a"), "a" in rows])

    assert run_in_handler(shop, read_models, access) is None
    assert seen == [None, {"new": True}, False, "none", True, {"colour": "red"}, False]
    assert read_models.reader_for(Scratch).count() == 0
    error = run_in_handler(shop, read_models, lambda rows: seen.append(rows["a"]))
    assert error is not None
    assert "KeyError" in error


# -- rows of resources


def test_a_row_contains_only_events_up_to_its_position(shop: Shop, open_read_models: OpenReadModels) -> None:
    basket = shop.fill("anna")
    catch_up(open_read_models())
    shop.add(basket, "APPLE", "BREAD", "APPLE")
    after_a_restart = open_read_models()
    versions = []
    while after_a_restart.process_batch(limit=1):
        versions.append((after_a_restart.reader_for(Baskets).get(basket.id) or {})["version"])
    assert versions == [2, 3]


def test_an_aggregate_changed_twice_in_a_batch_is_updated_after_a_restart(
    shop: Shop, open_read_models: OpenReadModels
) -> None:
    basket = shop.fill("anna")
    catch_up(open_read_models())
    shop.add(basket, "APPLE", "BREAD", "APPLE")
    row = catch_up(open_read_models()).reader_for(Baskets).get(basket.id) or {}
    assert (row["version"], row["total"]) == (4, {"amount": "3.00", "currency": "EUR"})


# -- errors


class Fragile(Projection):
    """Fails on glass until `packed` is set."""

    packed = False

    @on(Basket.GoodsAdded)
    def added(self, added: "Basket.GoodsAdded", rows: Rows) -> None:
        if added.sku == "GLASS" and not self.packed:
            raise ValueError("broken glass")
        rows[added.sku] = {"quantity": added.quantity}


def test_a_failing_projection_stops_alone_and_reports_its_error(
    shop: Shop, open_read_models: OpenReadModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_models = open_read_models(Fragile, GoodsSold)
    shop.fill("anna", None, ("APPLE", "1", "1"))
    catch_up(read_models)
    shop.fill("bert", None, ("BREAD", "1", "1"), ("GLASS", "1", "1"), ("APPLE", "5", "1"))
    assert read_models.process_batch() is False

    assert read_models.status()["goods_sold"] == ProjectionStatus(6)
    broken = read_models.status()["fragile"]
    assert broken.position == 2
    assert "shop.Basket.GoodsAdded at position 5" in (broken.error or "").replace(Basket.NAME, "shop.Basket")
    assert "broken glass" in (broken.error or "")
    assert [row["id"] for row in read_models.reader_for(Fragile).list_rows()] == ["APPLE"]
    assert read_models.wait_until(Fragile, 6, timeout=0) is False
    assert read_models.rebuild()["goods_sold"].is_equal

    monkeypatch.setattr(Fragile, "packed", True)
    assert read_models.process_batch() is False
    assert read_models.status()["fragile"] == broken

    again = catch_up(open_read_models(Fragile, GoodsSold))
    assert again.status()["fragile"] == ProjectionStatus(6)
    assert again.reader_for(Fragile).get("APPLE") == {"id": "APPLE", "quantity": "5"}
    assert all(each.is_equal for each in again.rebuild().values())


class OnlyOpenBaskets(Baskets):
    """Fails on paid baskets."""

    name = "only_open_baskets"

    @staticmethod
    def to_row(basket: Basket) -> dict[str, Any]:
        return {"customer": {"open": basket.customer}[basket.status]}


def test_an_error_names_the_aggregate_whose_row_failed(shop: Shop, open_read_models: OpenReadModels) -> None:
    read_models = catch_up(open_read_models(OnlyOpenBaskets, GoodsSold))
    unpaid, paid = shop.fill("anna"), shop.fill("bert")
    paid.pay()
    shop.save(paid)
    catch_up(read_models)
    error = read_models.status()["only_open_baskets"].error or ""
    assert f"Basket {paid.id}: KeyError" in error
    assert str(unpaid.id) not in error
    assert read_models.status()["goods_sold"] == ProjectionStatus(3)


def test_an_unsupported_event_version_stops_only_projections_that_handle_it(
    shop: Shop, open_read_models: OpenReadModels
) -> None:
    shop.fill("anna", None, ("APPLE", "1", "1"))
    shop.store_unsupported_event(Basket.GoodsAdded)
    read_models = catch_up(open_read_models(GoodsSold, OpenBaskets))
    assert "UnsupportedEventVersion" in (read_models.status()["goods_sold"].error or "")
    assert read_models.status()["open_baskets"] == ProjectionStatus(3)


def test_rows_that_could_not_be_written_are_updated_once_on_retry(
    shop: Shop, open_read_models: OpenReadModels, database: str
) -> None:
    read_models = open_read_models(GoodsSold)
    basket = shop.fill("anna", None, ("APPLE", "1", "1"))
    catch_up(read_models)
    shop.add(basket, "APPLE", "APPLE")
    fail_a_batch(database, "goods_sold_1", read_models)
    catch_up(read_models)
    assert read_models.reader_for(GoodsSold).list_rows() == [
        {"id": "APPLE", "sku": "APPLE", "quantity": "3", "times": 3}
    ]


def test_resources_that_could_not_be_written_are_updated_on_retry(
    shop: Shop, open_read_models: OpenReadModels, database: str
) -> None:
    read_models = open_read_models(Baskets)
    basket = shop.fill("anna")
    catch_up(read_models)
    shop.add(basket, "APPLE", "APPLE")
    fail_a_batch(database, "baskets_1", read_models)
    read_models.process_batch(limit=1)
    assert (read_models.reader_for(Baskets).get(basket.id) or {})["version"] == 2


def test_a_batch_that_the_database_interrupts_is_applied_once(
    shop: Shop, open_read_models: OpenReadModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.fill("anna", None, ("APPLE", "1", "1"), ("BREAD", "1", "1"))
    read_models, get = open_read_models(GoodsSold), Rows.get

    def get_apples_only(self: Rows, key: object, default: Any = None) -> Any:
        if key == "BREAD":
            raise StoreError("the database is gone")
        return get(self, key, default)

    with monkeypatch.context() as interrupted:
        interrupted.setattr(Rows, "get", get_apples_only)
        with pytest.raises(StoreError):
            read_models.process_batch()
    rows = catch_up(read_models).reader_for(GoodsSold).iterate_rows()
    assert [(row["sku"], row["times"]) for row in rows] == [("APPLE", 1), ("BREAD", 1)]


def fail_a_batch(database: str, table: str, read_models: ReadModels) -> None:
    """Process a batch whose rows cannot be written."""
    change_database(database, f"ALTER TABLE {table} RENAME TO elsewhere")
    with pytest.raises(StoreError):
        read_models.process_batch()
    change_database(database, f"ALTER TABLE elsewhere RENAME TO {table}")


# -- more than one worker


def test_two_workers_apply_every_event_once(shop: Shop, open_read_models: OpenReadModels) -> None:
    workers = [open_read_models(), open_read_models()]
    done = threading.Event()
    errors: list[BaseException] = []

    def work(read_models: ReadModels) -> None:
        try:
            while not done.is_set() or read_models.position(GoodsSold) < shop.store.head():
                read_models.process_batch(7)
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=work, args=(each,)) for each in workers]
    for thread in threads:
        thread.start()
    for _ in range(60):
        shop.fill("anna", None, ("APPLE", "1", "1"), ("BREAD", "2", "1"), ("APPLE", "1", "1"))
    done.set()
    for thread in threads:
        thread.join()

    assert errors == []
    rows = {row["id"]: (row["quantity"], row["times"]) for row in workers[0].reader_for(GoodsSold).iterate_rows()}
    assert rows == {"APPLE": ("120", 120), "BREAD": ("120", 60)}
    assert all(each.is_equal for each in workers[1].rebuild().values())


class Slow(Projection):
    """Counts baskets; its first worker pauses while it handles an event."""

    paused = threading.Event()
    resume = threading.Event()
    paused_thread: threading.Thread | None = None

    @on(Basket.Filled)
    def filled(self, filled: "Basket.Filled", rows: Rows) -> None:
        if threading.current_thread() is Slow.paused_thread:
            Slow.paused.set()
            Slow.resume.wait(30)
        rows["count"] = {"baskets": rows.get("count", {"baskets": 0})["baskets"] + 1}


def test_a_paused_worker_writes_nothing_after_another_worker_has_advanced(
    shop: Shop, open_read_models: OpenReadModels
) -> None:
    first, second = open_read_models(Slow), open_read_models(Slow)
    Slow.paused.clear()
    Slow.resume.clear()
    shop.fill("anna")
    results: list[bool] = []
    Slow.paused_thread = threading.Thread(target=lambda: results.append(first.process_batch()))
    Slow.paused_thread.start()
    assert Slow.paused.wait(30)
    catch_up(second)
    shop.fill("bert")
    catch_up(second)
    Slow.resume.set()
    Slow.paused_thread.join()

    assert results == [True]
    assert first.reader_for(Slow).get("count") == {"id": "count", "baskets": 2}
    shop.fill("carl")
    catch_up(first)
    assert first.reader_for(Slow).get("count") == {"id": "count", "baskets": 3}


WORKER_SCRIPT = """
import sys
from pathlib import Path
from shared.projections import ReadModels
from shared.store.integrity import IntegrityKey
from shared.store.sqlite import SqliteEventStore
from tests.unit.shared.projections.shop import PROJECTIONS
store = SqliteEventStore("shop", Path(sys.argv[1]), IntegrityKey(Path(f"{sys.argv[1]}.integrity")))
read_models = ReadModels("shop", store, PROJECTIONS, sys.argv[2])
while read_models.process_batch(2):
    print(read_models.positions()["baskets"], flush=True)
print("done", flush=True)
"""


def test_a_repeatedly_killed_worker_loses_no_event(shop: Shop, open_read_models: OpenReadModels, database: str) -> None:
    read_models = open_read_models()
    for _ in range(40):
        shop.fill("anna", None, ("APPLE", "1", "1"), ("BREAD", "2", "1"))
    for lines in (1, 4, 9):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER_SCRIPT, str(shop.path), database],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[4],
            env={**os.environ, "PYTHONPATH": "."},
        )
        assert worker.stdout is not None
        for _ in range(lines):
            assert worker.stdout.readline().strip().isdigit()
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
        assert 0 < read_models.positions()["baskets"] < shop.store.head()
    catch_up(read_models)
    rows = {row["id"]: (row["quantity"], row["times"]) for row in read_models.reader_for(GoodsSold).iterate_rows()}
    assert rows == {"APPLE": ("40", 40), "BREAD": ("80", 40)}
    assert all(each.is_equal for each in read_models.rebuild().values())
