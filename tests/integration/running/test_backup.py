"""A backup of a running suite is of one moment, and the suite that is restored from it goes on from there."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from cli.home import PROCESSES
from tests.backups import CountedFigures, count_figures, inbox_beyond_its_source, sihe
from tests.faults.invariants import check_all
from tests.faults.trade import SKUS, RetryingClient, TradeScenario
from tests.running_suite import RunningSuite, wait_until

PRICE, FREIGHT, COST, BOUGHT = Decimal("10.00"), Decimal("1.00"), Decimal("7.00"), Decimal(100_000)
BACKUPS = 5


@contextmanager
def trading(day: TradeScenario) -> Iterator[list[str]]:
    """Place and dispatch orders in a thread of its own, ten at a time; yield the list of what was dispatched."""
    shipments: list[str] = []
    ends = threading.Event()

    def trade() -> None:
        first = 0
        while not ends.is_set():
            shipments.extend(day.dispatch(day.place(range(first, first + 10))))
            first += 10

    thread = threading.Thread(target=trade)
    thread.start()
    try:
        yield shipments
    finally:
        ends.set()
        thread.join()


def issue_key(suite: RunningSuite) -> str:
    with suite.client as client:
        issued = client.post("/access/keys", json={"name": "bob", "roles": ["accountant"]})
        assert issued.status_code == 201
        return str(issued.json()["secret"])


def balance_of(suite: RunningSuite, account: str) -> Decimal:
    with suite.client as client:
        lines = [each for each in client.get("/erp/trial-balance").json()["rows"] if each["account"] == account]
    return sum((Decimal(each["debit"]["amount"]) - Decimal(each["credit"]["amount"]) for each in lines), Decimal(0))


def on_hand(suite: RunningSuite) -> dict[str, Decimal]:
    with suite.client as client:
        stock = client.get("/scm/stock", params={"limit": "100"}).json()["data"]
    return {each["sku"]: Decimal(each["on_hand"]) for each in stock}


def check_figures(suite: RunningSuite, counted: CountedFigures) -> None:
    """Compare the figures of a suite with those that were counted from the logs of the backup."""
    with suite.client as client:
        groups = client.get("/crm/sales-orders", params={"group_by": "status"}).json()["data"]
    sold = sum(counted.dispatched.values())
    assert on_hand(suite) == {sku: BOUGHT - counted.dispatched.get(sku, Decimal(0)) for sku in SKUS}
    assert balance_of(suite, "1200") == counted.invoiced
    assert balance_of(suite, "1400") == COST * (BOUGHT * len(SKUS) - sold)
    assert sum(each["count"] for each in groups if each["status"] != "draft") == counted.orders


def alarms(suite: RunningSuite) -> dict[str, dict[str, str]]:
    lag = suite.lag()
    return {name: part["alarms"] for name, part in {**lag["services"], "gateway": lag["gateway"]}.items()}


def test_backups_under_load_are_of_one_moment_and_restore_all_figures(
    fresh_suite: RunningSuite, tmp_path: Path
) -> None:
    day, key = TradeScenario(fresh_suite), issue_key(fresh_suite)
    backups = [tmp_path / f"backup-{n}" for n in range(BACKUPS)]
    with trading(day) as shipments:
        wait_until(lambda: shipments, 120, "the first shipment")
        taken = [sihe(fresh_suite.home, "backup", each) for each in backups]
    fresh_suite.stop()
    assert [code for code, _ in taken] == [0] * BACKUPS, taken
    assert [inbox_beyond_its_source(each) for each in backups] == [[]] * BACKUPS

    counted, complete = (count_figures(each, PRICE, FREIGHT) for each in (backups[-1], fresh_suite.home))
    assert counted.orders < complete.orders
    restored = RunningSuite(tmp_path / "restored")
    code, printed = sihe(restored.home, "restore", backups[-1])
    assert code == 0, printed
    assert "can be read again: erase them again" in printed
    with restored:
        check_all(restored, RetryingClient(restored))
        check_figures(restored, counted)
        assert alarms(restored) == {each: {} for each in PROCESSES}
        with restored.client_with(key) as bob:
            assert bob.get("/erp/trial-balance").status_code == 200
        day.suite, day.trader = restored, RetryingClient(restored)
        day.dispatch(day.place(range(1_000, 1_005)))
        check_all(restored, day.trader)
