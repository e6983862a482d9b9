"""The broker loses all messages or the newest ones, or has messages of another suite."""

import asyncio
import random
import shutil
import signal
from pathlib import Path

from shared.bus import envelope
from shared.bus.broker_config import reply_subject_prefix
from shared.bus.connection import BrokerClient, encode_frame
from shared.store.integrity import IntegrityKey
from shared.store.sqlite import SqliteEventStore
from tests.faults.invariants import check_all, sizes
from tests.faults.trade import TradeScenario
from tests.running_suite import RunningSuite, wait_until

ORDERS = 120


def swap_broker_files(suite: RunningSuite, copy: Path | None) -> None:
    """Kill the broker and restart it with these files, or with none."""
    files = suite.home / "nats"
    suite.kill("nats", signal.SIGSTOP)
    files.rename(suite.home / f"nats-before-{random.randrange(10**9)}")
    if copy:
        shutil.copytree(copy, files)
    suite.kill("nats")


def copy_broker_files(suite: RunningSuite, to: Path) -> Path:
    suite.kill("nats", signal.SIGSTOP)
    shutil.copytree(suite.home / "nats", to)
    suite.kill("nats", signal.SIGCONT)
    return to


def test_a_wiped_broker_recovers_under_load(suite: RunningSuite) -> None:
    day = TradeScenario(suite)
    orders = day.place(range(ORDERS // 2))
    swap_broker_files(suite, None)
    orders += day.place(range(ORDERS // 2, ORDERS))
    day.dispatch(orders)
    check_all(suite, day.trader)


def test_an_older_copy_of_the_broker_recovers_under_load(suite: RunningSuite, tmp_path: Path) -> None:
    day = TradeScenario(suite)
    orders = day.place(range(ORDERS // 3))
    older = copy_broker_files(suite, tmp_path / "older")
    orders += day.place(range(ORDERS // 3, 2 * ORDERS // 3))
    swap_broker_files(suite, older)
    orders += day.place(range(2 * ORDERS // 3, ORDERS))
    day.dispatch(orders)
    check_all(suite, day.trader)


def test_a_foreign_stream_is_refused(suite: RunningSuite, tmp_path: Path) -> None:
    with RunningSuite(tmp_path / "elsewhere") as foreign:
        TradeScenario(foreign).place(range(30))
        foreign.wait_until_idle()
        foreign_files = copy_broker_files(foreign, tmp_path / "foreign-files")
    day = TradeScenario(suite)
    day.place(range(10))
    suite.wait_until_idle()
    before = sizes(suite.home)
    swap_broker_files(suite, foreign_files)
    for service in ("crm", "scm", "erp"):
        wait_until(
            lambda service=service: suite.lag()["services"][service]["alarms"], 180, f"{service} to raise an alarm"
        )
    assert sizes(suite.home) == before
    placed = day.place(range(10, 20))
    swap_broker_files(suite, None)
    day.dispatch(placed)
    check_all(suite, day.trader)


async def _repeat_shuffled(suite: RunningSuite, service: str, window: int) -> int:
    """Publish all events of a service again, shuffled within windows, like a faulty relay."""
    store = SqliteEventStore(
        service, suite.home / service / "events.db", IntegrityKey(suite.home / "keys" / f"{service}.integrity")
    )
    messages = list(store.published_events(0, 10_000))
    store.close()
    url = f"nats://127.0.0.1:{suite.running['ports']['nats']}"
    seed = (suite.home / "keys" / f"{service}.nkey").read_text().strip()
    bus = BrokerClient(url, name="broken relay", inbox_prefix=reply_subject_prefix(service), seed=seed)
    connection = await bus.connection()
    chance = random.Random(7)
    for start in range(0, len(messages), window):
        part = messages[start : start + window]
        chance.shuffle(part)
        await connection.send_frames(
            encode_frame(each.subject, envelope.encode_headers(each), each.data) for each in part
        )
    await connection.flush()
    await bus.close()
    return len(messages)


def test_repeated_and_shuffled_messages_have_no_effect(suite: RunningSuite) -> None:
    day = TradeScenario(suite)
    orders = day.place(range(ORDERS // 2))
    day.dispatch(orders[: ORDERS // 4])
    suite.wait_until_idle()
    before = sizes(suite.home)
    for service in ("crm", "scm", "erp"):
        assert asyncio.run(_repeat_shuffled(suite, service, window=50)) > ORDERS // 4
    suite.wait_until_idle()
    assert sizes(suite.home) == before
    day.dispatch(day.place(range(ORDERS // 2, ORDERS)))
    check_all(suite, day.trader)
