"""Two workers of one service, one suspended beyond every time-out, and an event that cannot be decoded."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace

from shared import codec
from shared.ports import free_ports
from tests.faults.invariants import check_all, sizes
from tests.faults.trade import TradeScenario
from tests.running_suite import RunningSuite, wait_until

LONGER_THAN_EVERY_TIMEOUT_SECONDS = 15.0


@contextmanager
def second_worker(suite: RunningSuite, service: str) -> Iterator[subprocess.Popen[bytes]]:
    """A second worker of the service, next to that of the suite."""
    ports = suite.running["ports"]
    peers = ",".join(f"{name}=http://127.0.0.1:{ports[f'{name}-api']}" for name in ("crm", "srm", "scm", "erp"))
    variables = {
        "SIHE_HOME": str(suite.home), "SIHE_PEERS": peers, "SIHE_STATUS_PORT": str(free_ports(1)[0]),
        "SIHE_NATS_URL": f"nats://127.0.0.1:{ports['nats']}",
    }  # fmt: skip
    with (suite.home / "second.log").open("ab") as output:
        worker = subprocess.Popen(
            [sys.executable, "-m", f"services.{service}.main", "work"], env={**os.environ, **variables}, stderr=output
        )
    try:
        yield worker
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(60)


@pytest.mark.parametrize("service", ["scm", "erp"])
def test_two_workers_of_one_service_do_everything_once(suite: RunningSuite, service: str) -> None:
    day = TradeScenario(suite)
    with second_worker(suite, service):
        orders = day.place(range(100))
        day.dispatch(orders)
    check_all(suite, day.trader)


def test_a_sleeper_that_wakes_after_another_took_over_changes_nothing(suite: RunningSuite) -> None:
    day = TradeScenario(suite)
    orders = day.place(range(30))
    with second_worker(suite, "erp"):
        pid = suite.pid("erp-worker")
        os.kill(pid, signal.SIGSTOP)
        try:
            orders += day.place(range(30, 90))
            slept = _seconds_asleep(suite)
            wait_until(lambda: next(slept) > LONGER_THAN_EVERY_TIMEOUT_SECONDS, 60, "the sleeper to sleep long enough")
        finally:
            os.kill(pid, signal.SIGCONT)
        orders += day.place(range(90, 120))
        day.dispatch(orders)
    check_all(suite, day.trader)


def _seconds_asleep(suite: RunningSuite) -> Iterator[float]:
    import time

    began = time.monotonic()
    while True:
        yield time.monotonic() - began


def test_a_poison_event_is_parked_with_its_siblings_while_others_flow(suite: RunningSuite) -> None:
    day = TradeScenario(suite)
    orders = day.place(range(20))
    suite.wait_until_idle()
    suite.kill("crm-worker", signal.SIGSTOP)
    sick, *healthy = day.place(range(20, 40))
    cancel = f"sales-orders/{sick}/cancel"
    day.trader.command("crm", cancel, "cancel-sick", {"reason": "entered twice"})
    sound = _poison(suite, sick)
    suite.kill("crm-worker", signal.SIGCONT)

    wait_until(lambda: _parked(suite, "scm") == 2 and _parked(suite, "erp") == 1, 240, "the poison to be parked")
    day.dispatch(orders + healthy)
    suite.wait_until_idle()
    assert _parked(suite, "scm") == 2
    before = sizes(suite.home)

    _cure(suite, sound)
    with suite.client as client:
        for service in ("erp", "scm"):
            reply = client.post(f"/ops/parked/{service}/crm/retry", headers={"Idempotency-Key": f"retry-{service}"})
            assert reply.status_code == 200, reply.text
    wait_until(lambda: _status(suite, sick) == "cancelled", 240, "the cured order to be cancelled")
    assert sizes(suite.home) != before
    check_all(suite, day.trader)


def _status(suite: RunningSuite, order: str) -> str:
    with suite.client as client:
        status: str = client.get(f"/crm/sales-orders/{order}").json()["status"]
    return status


def _parked(suite: RunningSuite, service: str) -> int:
    parked: int = suite.lag()["services"][service]["parked"]
    return parked


def _poison(suite: RunningSuite, order: str) -> dict[int, tuple[bytes, str]]:
    """Damage the published event of placing this order before it is consumed; return the original."""
    spoilt = b'{"order_id":"nobody"}'
    sound = {}
    with sqlite3.connect(suite.home / "crm" / "events.db", timeout=60) as db:
        rows = db.execute("SELECT position, data, digest FROM outbox WHERE type LIKE 'crm.sales_order.placed.%'")
        for position, data, digest in rows.fetchall():
            if codec.decode_untyped(data)["order_id"] == order:
                sound[position] = (data, digest)
                change = "UPDATE outbox SET data=?, digest=? WHERE position=?"
                db.execute(change, (spoilt, codec.digest(spoilt), position))
    assert len(sound) == 1
    return sound


def _cure(suite: RunningSuite, sound: dict[int, tuple[bytes, str]]) -> None:
    """What a corrected release would do: the parked message can be understood."""
    from shared.message import Message

    for service in ("erp", "scm"):
        with sqlite3.connect(suite.home / service / "events.db", timeout=60) as db:
            for position, (data, digest) in sound.items():
                [row] = db.execute("SELECT message FROM parked_messages WHERE sequence=?", (position,)).fetchall()
                cured = codec.encode(replace(codec.decode(row[0], Message), data=data, digest=digest))
                db.execute("UPDATE parked_messages SET message=? WHERE sequence=?", (cured, position))
    with sqlite3.connect(suite.home / "crm" / "events.db", timeout=60) as db:
        for position, (data, digest) in sound.items():
            db.execute("UPDATE outbox SET data=?, digest=? WHERE position=?", (data, digest, position))
