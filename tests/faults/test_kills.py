"""Single processes are killed at random moments while orders arrive."""

import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.faults.invariants import check_all
from tests.faults.trade import TradeScenario
from tests.running_suite import RunningSuite

ORDERS = 500
POLL_SECONDS = 0.01
PROCESSES = ("crm-api", "crm-worker", "scm-api", "scm-worker", "erp-api", "erp-worker", "srm-worker", "nats", "gateway")
COMMANDS_BETWEEN_KILLS = (1, 110)
FEWEST_KILLS = 10
"""1,375 commands are accepted, so that at the longest distances there are 12."""


@contextmanager
def kills(suite: RunningSuite, accepted: Sequence[object], seed: int) -> Iterator[list[str]]:
    """Kill one process after the other, each after a random number of further accepted commands."""
    chance, over, killed = random.Random(seed), threading.Event(), list[str]()

    def killer() -> None:
        due = len(accepted) + chance.randint(*COMMANDS_BETWEEN_KILLS)
        while not over.wait(POLL_SECONDS):
            if len(accepted) >= due:
                process = chance.choice(PROCESSES)
                suite.kill(process)
                killed.append(process)
                due += chance.randint(*COMMANDS_BETWEEN_KILLS)

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def test_processes_killed_at_random_moments_during_500_orders(suite: RunningSuite) -> None:
    day = TradeScenario(suite)
    with kills(suite, day.trader.accepted, seed=20261123) as killed:
        orders = day.place(range(ORDERS))
        shipped = day.dispatch(orders[::2])
        day.pay(orders[::4])
    assert len(killed) >= FEWEST_KILLS
    check_all(suite, day.trader)
    numbers = [row["number"] for row in _all_invoices(suite)]
    assert sorted(map(int, numbers)) == list(range(1, len(shipped) + 1))
    assert len(set(shipped)) == ORDERS // 2


def _all_invoices(suite: RunningSuite) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    with suite.client as client:
        page = client.get("/erp/invoices?limit=200").json()
        rows += page["data"]
        while page["has_more"]:
            page = client.get("/erp/invoices", params={"limit": 200, "cursor": page["next_cursor"]}).json()
            rows += page["data"]
    return rows
