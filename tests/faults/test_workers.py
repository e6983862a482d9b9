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
from shared.message import Message
from shared.ports import free_ports
from shared.store.integrity import EventSealer, IntegrityKey, published_digest
from shared.store.sqlite import SqliteEventStore
from shared.testing.services import seal_again
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
def test_two_workers_of_one_service_process_every_event_once(suite: RunningSuite, service: str) -> None:
    day = TradeScenario(suite)
    with second_worker(suite, service):
        orders = day.place(range(100))
        day.dispatch(orders)
    check_all(suite, day.trader)


def test_a_suspended_worker_repeats_no_effect_after_another_took_over(suite: RunningSuite) -> None:
    day = TradeScenario(suite)
    orders = day.place(range(30))
    with second_worker(suite, "erp"):
        pid = suite.pid("erp-worker")
        os.kill(pid, signal.SIGSTOP)
        try:
            orders += day.place(range(30, 90))
            suspended = _seconds_suspended(suite)
            wait_until(
                lambda: next(suspended) > LONGER_THAN_EVERY_TIMEOUT_SECONDS,
                60,
                "the worker to be suspended long enough",
            )
        finally:
            os.kill(pid, signal.SIGCONT)
        orders += day.place(range(90, 120))
        day.dispatch(orders)
    check_all(suite, day.trader)


def _seconds_suspended(suite: RunningSuite) -> Iterator[float]:
    import time

    began = time.monotonic()
    while True:
        yield time.monotonic() - began


def test_an_undecodable_event_is_parked_with_later_events_of_its_aggregate_while_others_are_processed(
    suite: RunningSuite,
) -> None:
    day = TradeScenario(suite)
    orders = day.place(range(20))
    suite.wait_until_idle()
    suite.kill("crm-worker", signal.SIGSTOP)
    damaged, *intact = day.place(range(20, 40))
    cancel = f"sales-orders/{damaged}/cancel"
    day.trader.command("crm", cancel, "cancel-damaged", {"reason": "entered twice"})
    originals = _damage(suite, damaged)
    suite.kill("crm-worker", signal.SIGCONT)

    wait_until(lambda: _parked(suite, "scm") == 2 and _parked(suite, "erp") == 1, 240, "the damaged event to be parked")
    day.dispatch(orders + intact)
    suite.wait_until_idle()
    assert _parked(suite, "scm") == 2
    before = sizes(suite.home)

    _repair(suite, originals)
    with suite.client as client:
        for service in ("erp", "scm"):
            reply = client.post(f"/ops/parked/{service}/crm/retry", headers={"Idempotency-Key": f"retry-{service}"})
            assert reply.status_code == 200, reply.text
    wait_until(lambda: _status(suite, damaged) == "cancelled", 240, "the repaired order to be cancelled")
    assert sizes(suite.home) != before
    check_all(suite, day.trader)


def _status(suite: RunningSuite, order: str) -> str:
    with suite.client as client:
        status: str = client.get(f"/crm/sales-orders/{order}").json()["status"]
    return status


def _parked(suite: RunningSuite, service: str) -> int:
    parked: int = suite.lag()["services"][service]["parked"]
    return parked


def _damage(suite: RunningSuite, order: str) -> dict[int, tuple[bytes, str]]:
    """Let CRM have published an event of placing this order that no service can decode; return what it was."""
    undecodable = b'{"order_id":"unknown"}'
    with sqlite3.connect(suite.home / "crm" / "events.db", timeout=60) as db:
        rows = db.execute("SELECT position, data, digest FROM outbox WHERE type LIKE 'crm.sales_order.placed.%'")
        [original] = [row for row in rows if codec.decode_untyped(row[1])["order_id"] == order]
        _publish_instead(suite, db, original[0], undecodable)
    return {original[0]: original[1:]}


def _publish_instead(suite: RunningSuite, db: sqlite3.Connection, position: int, data: bytes) -> None:
    """Replace what an event published, sealed as the service itself would have done."""
    [(wire_type, traceparent, meta)] = db.execute(
        "SELECT type, traceparent, meta FROM outbox WHERE position=?", (position,)
    ).fetchall()
    key = IntegrityKey(suite.home / "keys" / "crm.integrity")
    store = SqliteEventStore("crm", suite.home / "crm" / "events.db", key)
    [event] = store.log_as_stored(position - 1, 1)
    content = published_digest(wire_type, traceparent, meta, data)
    mac = EventSealer("crm", store.epoch, key).mac_of(event, content)
    store.close()
    db.execute("UPDATE outbox SET data=?, digest=? WHERE position=?", (data, codec.digest(data), position))
    db.execute("UPDATE events SET published_digest=?, mac=? WHERE position=?", (content, mac, position))


def _repair(suite: RunningSuite, originals: dict[int, tuple[bytes, str]]) -> None:
    """Restore the event in the parked messages, so that it can be decoded, and seal them again as the service would."""
    for service in ("erp", "scm"):
        file = suite.home / service / "events.db"
        store = SqliteEventStore(service, file, IntegrityKey(suite.home / "keys" / f"{service}.integrity"))
        parked = {each.message.sequence: each.message for each in store.parked_entries()}
        with sqlite3.connect(file, timeout=60) as db:
            for position, (data, digest) in originals.items():
                repaired: Message = replace(parked[position], data=data, digest=digest)
                db.execute("UPDATE parked_messages SET message=? WHERE sequence=?", (codec.encode(repaired), position))
        seal_again(store)
        store.close()
