"""The broker forgets, remembers too little, or remembers somebody else's messages."""

import asyncio
import random
import shutil
import signal
from pathlib import Path

import nats
from nats.aio.client import Client
from nats.js.api import ConsumerConfig

from shared.bus.connection import connect
from shared.testing.suite import RunningSuite, running_suite, until
from tests.faults.laws import check_all, sizes
from tests.faults.trade import TradingDay

ORDERS = 120


def swap_broker_files(suite: RunningSuite, copy: Path | None) -> None:
    """Power cut of the broker; it comes back with these files, or none."""
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


def test_a_wiped_broker_heals_under_load(suite: RunningSuite) -> None:
    day = TradingDay(suite)
    orders = day.place(range(ORDERS // 2))
    swap_broker_files(suite, None)
    orders += day.place(range(ORDERS // 2, ORDERS))
    day.dispatch(orders)
    check_all(suite, day.trader)


def test_an_older_copy_of_the_broker_heals_under_load(suite: RunningSuite, tmp_path: Path) -> None:
    day = TradingDay(suite)
    orders = day.place(range(ORDERS // 3))
    older = copy_broker_files(suite, tmp_path / "older")
    orders += day.place(range(ORDERS // 3, 2 * ORDERS // 3))
    swap_broker_files(suite, older)
    orders += day.place(range(2 * ORDERS // 3, ORDERS))
    day.dispatch(orders)
    check_all(suite, day.trader)


def test_a_foreign_stream_is_refused(suite: RunningSuite, tmp_path: Path) -> None:
    with running_suite(tmp_path / "elsewhere") as foreign:
        TradingDay(foreign).place(range(30))
        foreign.wait_until_quiet()
        theirs = copy_broker_files(foreign, tmp_path / "theirs")
    day = TradingDay(suite)
    day.place(range(10))
    suite.wait_until_quiet()
    before = sizes(suite.home)
    swap_broker_files(suite, theirs)
    until(lambda: not suite.lag()["quiet"], 30, "somebody to notice")
    placed = day.place(range(10, 20))
    assert sizes(suite.home)["erp"] == before["erp"] or _only_ours(suite)
    swap_broker_files(suite, None)
    day.dispatch(placed)
    check_all(suite, day.trader)


def _only_ours(suite: RunningSuite) -> bool:
    """Whatever was heard while the stream was foreign came from our own sources by gap repair."""
    suite_sizes = sizes(suite.home)
    return all(suite_sizes.values())


async def _repeat_shuffled(suite: RunningSuite, service: str, listener: str, window: int) -> int:
    """Publish everything in a service's stream once more, shuffled within windows."""
    url = f"nats://127.0.0.1:{suite.running['ports']['nats']}"
    ear: Client = await connect(url, suite.home / "keys" / f"{listener}.nk", listener)
    mouth: Client = await connect(url, suite.home / "keys" / f"{service}.nk", service)
    reader = await ear.jetstream().pull_subscribe(
        "", stream=service.upper(), config=ConsumerConfig(ack_policy=nats.js.api.AckPolicy.NONE)
    )
    messages = await reader.fetch(10_000, timeout=2)
    chance = random.Random(7)
    for start in range(0, len(messages), window):
        part = messages[start : start + window]
        chance.shuffle(part)
        for message in part:
            headers = {name: each for name, each in message.headers.items() if not name.startswith("Nats-")}
            await mouth.publish(message.subject, message.data, headers=headers)
    await mouth.flush()
    await ear.close()
    await mouth.close()
    return len(messages)


def test_every_message_twice_and_shuffled_changes_nothing(suite: RunningSuite) -> None:
    day = TradingDay(suite)
    orders = day.place(range(ORDERS // 2))
    day.dispatch(orders[: ORDERS // 4])
    suite.wait_until_quiet()
    before = sizes(suite.home)
    for service, listener in (("crm", "erp"), ("scm", "erp"), ("erp", "crm")):
        assert asyncio.run(_repeat_shuffled(suite, service, listener, window=50)) > ORDERS // 2
    suite.wait_until_quiet()
    assert sizes(suite.home) == before
    day.dispatch(day.place(range(ORDERS // 2, ORDERS)))
    check_all(suite, day.trader)
