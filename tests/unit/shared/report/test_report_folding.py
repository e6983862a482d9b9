"""Rows are a function of the log, whatever the batches, the restarts and the workers."""

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
from tests.unit.shared.report.shop import (
    REPORTS,
    Basket,
    Baskets,
    GoodsSold,
    OpenBaskets,
    Shop,
    catch_up,
    change_database,
)

Opening = Callable[..., ReadModels]


# -- a shop told twice: to the read models, and in plain words

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


class Ledger:
    """What the rows must be, kept by hand."""

    def __init__(self) -> None:
        self.baskets: list[dict[str, Any]] = []
        self.open: dict[str, dict[str, Any]] = {}
        self.paid_twice: list[str] = []
        self.quantities: Counter[str] = Counter()
        self.times: Counter[str] = Counter()

    def tell(self, shop: Shop, kept: list[Basket], step: tuple[Any, ...]) -> None:
        """One step, to the shop and to the books."""
        what, *how = step
        if what == "fill":
            kept.append(shop.fill(how[0]))
            others = sum(row["customer"] == how[0] for row in self.open.values())
            self.open[str(kept[-1].id)] = {"customer": how[0], "others": others}
            self.baskets.append({"customer": how[0], "version": 1, "status": "open", "total": 0})
        elif kept:
            basket = kept[how[0] % len(kept)]
            self._change(self.baskets[how[0] % len(kept)], basket, what, *how[1:])
            shop.save(basket)

    def _change(self, row: dict[str, Any], basket: Basket, what: str, sku: str = "", quantity: int = 0) -> None:
        row["version"] += 1
        if what == "add":
            basket.add(sku, Decimal(quantity), Money("1.25", "EUR"))
            row["total"] += quantity
            self.quantities[sku] += quantity
            self.times[sku] += 1
        elif what == "pay":
            basket.pay()
            row["status"] = "paid"
            if self.open.pop(str(basket.id), None) is None:
                self.paid_twice.append(str(basket.id))
        else:
            basket.admire()


def assert_told_the_same(read_models: ReadModels, kept: list[Basket], ledger: Ledger) -> None:
    baskets = read_models.reader_for(Baskets)
    assert baskets.count() == len(kept)
    for basket, told in zip(kept, ledger.baskets, strict=True):
        row = baskets.get(basket.id) or {}
        assert (row["customer"], row["version"], row["status"]) == (told["customer"], told["version"], told["status"])
        assert row["total"] == {"amount": f"{told['total'] * Decimal('1.25'):.2f}", "currency": "EUR"}
    sold = {row["id"]: (row["quantity"], row["times"]) for row in read_models.reader_for(GoodsSold).iterate_rows()}
    assert sold == {sku: (str(ledger.quantities[sku]), ledger.times[sku]) for sku in ledger.times}
    opened = {row.pop("id"): row for row in read_models.reader_for(OpenBaskets).iterate_rows()}
    twice = opened.pop("paid twice", {"baskets": []})
    assert opened == ledger.open
    assert twice["baskets"] == ledger.paid_twice


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(story=steps)
def test_rows_are_the_fold_of_the_log_however_it_is_cut(
    tmp_path_factory: pytest.TempPathFactory, database: str, numbers: Iterator[int], story: list[tuple[Any, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("shop")
    shop, ledger = Shop.in_folder(folder, f"shop{next(numbers)}"), Ledger()
    kept: list[Basket] = []
    where = f"sqlite:///{folder / 'reports.db'}" if database.startswith("sqlite") else database

    def opened() -> ReadModels:
        read_models = ReadModels(shop.store.service, shop.store, REPORTS, where)
        read_models.migrate()
        return read_models

    read_models = opened()
    for step in story:
        if step[0] == "advance":
            read_models.process_batch(step[1])
        elif step[0] == "reopen":
            read_models.close()
            read_models = opened()
        else:
            ledger.tell(shop, kept, step)
    catch_up(read_models, 3)

    assert_told_the_same(read_models, kept, ledger)
    compared = read_models.rebuild()
    assert all(each.is_equal for each in compared.values())
    assert compared["baskets"].equal == len(kept)
    read_models.close()
    shop.store.close()


@pytest.fixture
def numbers() -> Iterator[int]:
    return iter(range(10_000))


# -- positions


def test_the_position_moves_over_events_nobody_reports(shop: Shop, opened: Opening) -> None:
    basket = shop.fill("anna")
    read_models = catch_up(opened())
    for _ in range(5):
        basket.admire()
    shop.save(basket)
    assert read_models.process_batch() is False
    assert read_models.position(GoodsSold) == shop.store.head() == 6
    assert read_models.positions() == {"baskets": 6, "goods_sold": 6, "open_baskets": 6}


def test_it_says_whether_more_is_waiting(shop: Shop, opened: Opening) -> None:
    read_models = opened()
    assert read_models.process_batch() is False
    shop.fill("anna", None, *[("APPLE", "1", "1")] * 4)
    assert read_models.process_batch(limit=2) is True
    assert read_models.position(Baskets) == 2
    assert read_models.process_batch(limit=2) is True
    assert read_models.process_batch(limit=2) is False
    assert read_models.position(Baskets) == 5


def test_waiting_ends_when_the_news_is_there(shop: Shop, opened: Opening) -> None:
    worker, api = opened(), opened(migrated=False)
    shop.fill("anna")
    assert api.wait_until(Baskets, 1, timeout=0.02) is False
    folding = threading.Timer(0.02, worker.process_batch)
    folding.start()
    assert api.wait_until(Baskets, 1, timeout=5) is True
    assert api.reader_for(Baskets).count() == 1
    folding.join()


def test_nothing_is_waited_for_twice(shop: Shop, opened: Opening) -> None:
    read_models = opened()
    shop.fill("anna")
    catch_up(read_models)
    assert read_models.wait_until(Baskets, 1, timeout=0)
    read_models.close()
    assert read_models.wait_until(Baskets, 1, timeout=0)


# -- being prepared


def test_only_migrate_makes_tables(shop: Shop, opened: Opening, tmp_path: Path) -> None:
    api = opened(migrated=False)
    with pytest.raises(StoreError, match="run migrate first"):
        api.check()
    with pytest.raises(StoreError, match="run migrate first"):
        api.process_batch()
    assert not (tmp_path / "reports.db").exists()
    opened()
    api.check()
    with pytest.raises(StoreError, match="orders_admired"):
        opened(*REPORTS, OrdersAdmired, migrated=False).check()


class OrdersAdmired(Projection):
    """Another report."""


def test_two_reports_cannot_have_one_name(shop: Shop, opened: Opening) -> None:
    with pytest.raises(TypeError, match="same name"):
        opened(Baskets, Baskets)


def test_a_column_needs_a_plain_name() -> None:
    with pytest.raises(TypeError, match="placed-on"):
        type("Odd", (Projection,), {"columns": {"placed-on": str}})


# -- rows


class Scratch(Projection):
    """Hands its rows to the test."""

    columns = {"colour": str}

    @on(Basket.Filled)
    def filled(self, filled: "Basket.Filled", rows: Rows) -> None:
        experiments[filled.customer](rows)


experiments: dict[str, Callable[[Rows], None]] = {}


def experiment(shop: Shop, read_models: ReadModels, with_rows: Callable[[Rows], None]) -> str | None:
    """Run it as a report would, and keep the rows; what stopped the report, if something did."""
    experiments["anna"] = with_rows
    shop.fill("anna")
    catch_up(read_models)
    return read_models.status()["scratch"].error


def test_a_row_is_changed_only_by_putting_it_back(shop: Shop, opened: Opening) -> None:
    read_models = opened(Scratch)

    def forgetful(rows: Rows) -> None:
        rows["a"] = {"colour": "red", "marks": []}
        rows["a"]["marks"].append(1)
        rows.get("a")["colour"] = "blue"

    assert experiment(shop, read_models, forgetful) is None
    assert read_models.reader_for(Scratch).get("a") == {"id": "a", "colour": "red", "marks": []}


def test_rows_read_back_as_json_at_once(shop: Shop, opened: Opening) -> None:
    read_models = opened(Scratch)
    seen: list[Any] = []

    def put(rows: Rows) -> None:
        rows[UUID(int=1)] = {"colour": None, "total": Money("1", "EUR"), "quantity": Decimal("1.50")}
        seen.append(rows[UUID(int=1)])

    assert experiment(shop, read_models, put) is None
    assert experiment(shop, read_models, lambda rows: seen.append(rows[str(UUID(int=1))])) is None
    expected = {"colour": None, "total": {"amount": "1.00", "currency": "EUR"}, "quantity": "1.50"}
    assert seen == [expected, expected]


def test_finding_sees_what_is_stored_and_what_is_not_yet(shop: Shop, opened: Opening) -> None:
    read_models = opened(Scratch)
    found: list[list[str]] = []

    def find(rows: Rows, *colours: str) -> None:
        found.extend([key for key, _ in rows.list_where(colour=colour)] for colour in colours)

    def store(rows: Rows) -> None:
        for key, colour in {"a": "red", "b": "red", "c": "blue", "d": "red"}.items():
            rows[key] = {"colour": colour}

    def repaint(rows: Rows) -> None:
        rows["a"] = {"colour": "blue"}
        rows["e"] = {"colour": "red"}
        rows.pop("b")
        find(rows, "red", "blue", "green")

    assert experiment(shop, read_models, store) is None
    assert experiment(shop, read_models, repaint) is None
    assert experiment(shop, read_models, lambda rows: find(rows, "red", "blue")) is None
    assert found == [["d", "e"], ["a", "c"], [], ["d", "e"], ["a", "c"]]


def test_rows_that_are_not_there(shop: Shop, opened: Opening) -> None:
    read_models = opened(Scratch)
    seen: list[Any] = []

    def look(rows: Rows) -> None:
        seen.extend([rows.get("a"), rows.get("a", {"new": True}), "a" in rows, rows.pop("a", "nothing")])
        rows["a"] = {"colour": "red"}
        seen.extend(["a" in rows, rows.pop("a"), "a" in rows])

    assert experiment(shop, read_models, look) is None
    assert seen == [None, {"new": True}, False, "nothing", True, {"colour": "red"}, False]
    assert read_models.reader_for(Scratch).count() == 0
    trouble = experiment(shop, read_models, lambda rows: seen.append(rows["a"]))
    assert trouble is not None
    assert "KeyError" in trouble


# -- rows of aggregates


def test_a_row_tells_of_its_position_and_not_of_what_came_later(shop: Shop, opened: Opening) -> None:
    basket = shop.fill("anna")
    catch_up(opened())
    shop.add(basket, "APPLE", "BREAD", "APPLE")
    after_a_restart = opened()
    versions = []
    while after_a_restart.process_batch(limit=1):
        versions.append((after_a_restart.reader_for(Baskets).get(basket.id) or {})["version"])
    assert versions == [2, 3]


def test_an_aggregate_changed_twice_in_a_batch_after_a_restart(shop: Shop, opened: Opening) -> None:
    basket = shop.fill("anna")
    catch_up(opened())
    shop.add(basket, "APPLE", "BREAD", "APPLE")
    row = catch_up(opened()).reader_for(Baskets).get(basket.id) or {}
    assert (row["version"], row["total"]) == (4, {"amount": "3.00", "currency": "EUR"})


# -- trouble


class Fragile(Projection):
    """Stops at glass until someone packs it well."""

    packed = False

    @on(Basket.GoodsAdded)
    def added(self, added: "Basket.GoodsAdded", rows: Rows) -> None:
        if added.sku == "GLASS" and not self.packed:
            raise ValueError("broken glass")
        rows[added.sku] = {"quantity": added.quantity}


def test_a_report_that_breaks_stops_alone_and_is_shown(
    shop: Shop, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_models = opened(Fragile, GoodsSold)
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

    again = catch_up(opened(Fragile, GoodsSold))
    assert again.status()["fragile"] == ProjectionStatus(6)
    assert again.reader_for(Fragile).get("APPLE") == {"id": "APPLE", "quantity": "5"}
    assert all(each.is_equal for each in again.rebuild().values())


class Reclusive(Baskets):
    """Cannot show what was paid."""

    name = "reclusive"

    @staticmethod
    def to_row(basket: Basket) -> dict[str, Any]:
        return {"customer": {"open": basket.customer}[basket.status]}


def test_an_aggregate_that_has_no_row_is_named(shop: Shop, opened: Opening) -> None:
    read_models = catch_up(opened(Reclusive, GoodsSold))
    shown, hidden = shop.fill("anna"), shop.fill("bert")
    hidden.pay()
    shop.save(hidden)
    catch_up(read_models)
    trouble = read_models.status()["reclusive"].error or ""
    assert f"Basket {hidden.id}: KeyError" in trouble
    assert str(shown.id) not in trouble
    assert read_models.status()["goods_sold"] == ProjectionStatus(3)


def test_an_event_newer_than_the_code_stops_only_who_reads_it(shop: Shop, opened: Opening) -> None:
    shop.fill("anna", None, ("APPLE", "1", "1"))
    shop.store_unsupported_event(Basket.GoodsAdded)
    read_models = catch_up(opened(GoodsSold, OpenBaskets))
    assert "UnsupportedEventVersion" in (read_models.status()["goods_sold"].error or "")
    assert read_models.status()["open_baskets"] == ProjectionStatus(3)


def test_rows_that_could_not_be_kept_are_folded_again_once(shop: Shop, opened: Opening, database: str) -> None:
    read_models = opened(GoodsSold)
    basket = shop.fill("anna", None, ("APPLE", "1", "1"))
    catch_up(read_models)
    shop.add(basket, "APPLE", "APPLE")
    without(database, "goods_sold_1", read_models)
    catch_up(read_models)
    assert read_models.reader_for(GoodsSold).list_rows() == [
        {"id": "APPLE", "sku": "APPLE", "quantity": "3", "times": 3}
    ]


def test_aggregates_that_could_not_be_kept_are_folded_again(shop: Shop, opened: Opening, database: str) -> None:
    read_models = opened(Baskets)
    basket = shop.fill("anna")
    catch_up(read_models)
    shop.add(basket, "APPLE", "APPLE")
    without(database, "baskets_1", read_models)
    read_models.process_batch(limit=1)
    assert (read_models.reader_for(Baskets).get(basket.id) or {})["version"] == 2


def test_a_batch_that_the_database_interrupts_is_applied_once(
    shop: Shop, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.fill("anna", None, ("APPLE", "1", "1"), ("BREAD", "1", "1"))
    read_models, get = opened(GoodsSold), Rows.get

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


def without(database: str, table: str, read_models: ReadModels) -> None:
    """Fold while the rows cannot be written."""
    change_database(database, f"ALTER TABLE {table} RENAME TO elsewhere")
    with pytest.raises(StoreError):
        read_models.process_batch()
    change_database(database, f"ALTER TABLE elsewhere RENAME TO {table}")


# -- more than one worker


def test_two_workers_fold_every_event_once(shop: Shop, opened: Opening) -> None:
    workers = [opened(), opened()]
    done = threading.Event()
    broken: list[BaseException] = []

    def work(read_models: ReadModels) -> None:
        try:
            while not done.is_set() or read_models.position(GoodsSold) < shop.store.head():
                read_models.process_batch(7)
        except BaseException as trouble:
            broken.append(trouble)
            raise

    threads = [threading.Thread(target=work, args=(each,)) for each in workers]
    for thread in threads:
        thread.start()
    for _ in range(60):
        shop.fill("anna", None, ("APPLE", "1", "1"), ("BREAD", "2", "1"), ("APPLE", "1", "1"))
    done.set()
    for thread in threads:
        thread.join()

    assert broken == []
    rows = {row["id"]: (row["quantity"], row["times"]) for row in workers[0].reader_for(GoodsSold).iterate_rows()}
    assert rows == {"APPLE": ("120", 120), "BREAD": ("120", 60)}
    assert all(each.is_equal for each in workers[1].rebuild().values())


class Slow(Projection):
    """Counts baskets; its first worker falls asleep over it."""

    asleep = threading.Event()
    wake = threading.Event()
    sleeper: threading.Thread | None = None

    @on(Basket.Filled)
    def filled(self, filled: "Basket.Filled", rows: Rows) -> None:
        if threading.current_thread() is Slow.sleeper:
            Slow.asleep.set()
            Slow.wake.wait(30)
        rows["count"] = {"baskets": rows.get("count", {"baskets": 0})["baskets"] + 1}


def test_a_worker_that_slept_while_another_went_on_keeps_nothing(shop: Shop, opened: Opening) -> None:
    first, second = opened(Slow), opened(Slow)
    Slow.asleep.clear()
    Slow.wake.clear()
    shop.fill("anna")
    outcome: list[bool] = []
    Slow.sleeper = threading.Thread(target=lambda: outcome.append(first.process_batch()))
    Slow.sleeper.start()
    assert Slow.asleep.wait(30)
    catch_up(second)
    shop.fill("bert")
    catch_up(second)
    Slow.wake.set()
    Slow.sleeper.join()

    assert outcome == [True]
    assert first.reader_for(Slow).get("count") == {"id": "count", "baskets": 2}
    shop.fill("carl")
    catch_up(first)
    assert first.reader_for(Slow).get("count") == {"id": "count", "baskets": 3}


FOLDING = """
import sys
from pathlib import Path
from shared.projections import ReadModels
from shared.store.sqlite import SqliteEventStore
from tests.unit.shared.report.shop import REPORTS
store = SqliteEventStore("shop", Path(sys.argv[1]))
read_models = ReadModels("shop", store, REPORTS, sys.argv[2])
while read_models.process_batch(2):
    print(read_models.positions()["baskets"], flush=True)
print("done", flush=True)
"""


def test_a_worker_killed_again_and_again_loses_nothing(shop: Shop, opened: Opening, database: str) -> None:
    read_models = opened()
    for _ in range(40):
        shop.fill("anna", None, ("APPLE", "1", "1"), ("BREAD", "2", "1"))
    for lines in (1, 4, 9):
        worker = subprocess.Popen(
            [sys.executable, "-c", FOLDING, str(shop.path), database],
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
