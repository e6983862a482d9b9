"""The time until other services have reacted, and the cost of a read right after a write."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import nats

from cli.client import Client
from shared import codec
from shared.bus.broker_config import server_binary
from shared.message import event_id
from tests.bench.measure import Effort, Figure, Goal, percentile, scratch
from tests.running_suite import ADMIN_KEY, RunningSuite

PER_SECOND, MESSAGES, READS = 100, 300, 200
WARM_UP = 30
SHARES = {"p50": 0.5, "p99": 0.99}
REACTION_GOALS = {
    "p50": Goal(8, 5, "{:.1f}", " ×", is_maximum=True),
    "p99": Goal(20, 10, "{:.1f}", " ×", is_maximum=True),
}
READ_GOALS = {
    "p50": Goal(2, 1, "{:+.2f}", " ms", is_maximum=True),
    "p99": Goal(6, 3, "{:+.2f}", " ms", is_maximum=True),
}


def measure_reaction(effort: Effort) -> list[Figure]:
    """Measure command committed in CRM → reaction committed in ERP, 100 per second, against a raw message."""
    count = effort.scale(MESSAGES)
    ours, raw = [], []
    with scratch() as folder, RunningSuite(folder / "suite") as suite:
        _reactions(suite, WARM_UP)
        for _ in range(effort.rounds):
            ours.append(_reactions(suite, count))
            raw.append(asyncio.run(_raw_latencies(count)))
    return [_slower(name, ours, raw) for name in SHARES]


def _slower(name: str, ours: list[list[float]], raw: list[list[float]]) -> Figure:
    mine, theirs = ([percentile(each, SHARES[name]) for each in rounds] for rounds in (ours, raw))
    ratios = [slow / fast for slow, fast in zip(mine, theirs, strict=True)]
    return Figure(f"committed → reaction committed, {name}", _ms(mine), _ms(theirs), ratios, REACTION_GOALS[name])


def _ms(rounds: list[float]) -> str:
    return f"{median(rounds):.2f} ms"


def _reactions(suite: RunningSuite, count: int) -> list[float]:
    """Return the milliseconds between the two commits, from the recorded times in the stores."""
    [(start,)] = _rows(suite, "crm", "SELECT coalesce(max(position), 0) FROM events")
    with closing(Client(suite.url, ADMIN_KEY)) as client:
        for _ in range(count):
            began = time.perf_counter()
            _register(client)
            time.sleep(max(0.0, 1 / PER_SECOND - (time.perf_counter() - began)))
        client.wait_until_idle()
    newer = "SELECT epoch, position, recorded_at FROM outbox, store_identity WHERE position>?"
    published = _rows(suite, "crm", newer, start)
    consumed_at: dict[str, int] = {}
    for state, at in _rows(suite, "erp", "SELECT state, recorded_at FROM events"):
        consumed_at.setdefault(codec.decode_untyped(state)["meta"]["causation_id"], at)
    return [(consumed_at[event_id("crm", epoch, position)] - at) / 1000 for epoch, position, at in published]


def _register(client: Client) -> str:
    code = f"L-{uuid4().hex[:12]}"
    client.post("crm/customers", {"code": code, "name": code, "currency": "USD"}, key=code)
    return code


def _rows(suite: RunningSuite, service: str, question: str, *values: int) -> list[Any]:
    address = f"file:{suite.home / service / 'events.db'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as db:
        return db.execute(question, values).fetchall()


async def _raw_latencies(count: int) -> list[float]:
    """Return the milliseconds from publishing to a stream to arrival at another connection, 100 per second."""
    took: list[float] = []

    async def arrived(message: Any) -> None:
        took.append((time.perf_counter() - float(message.data)) * 1000)

    async with _broker() as url:
        mouth, ear = await nats.connect(url), await nats.connect(url)
        stream = mouth.jetstream()
        await stream.add_stream(name="RAW", subjects=["raw"])
        await ear.jetstream().subscribe("raw", cb=arrived, ordered_consumer=True)
        for _ in range(count):
            await stream.publish("raw", str(time.perf_counter()).encode())
            await asyncio.sleep(1 / PER_SECOND)
        await mouth.close()
        await ear.close()
    return took


@asynccontextmanager
async def _broker() -> AsyncIterator[str]:
    """Run a broker without accounts and keys."""
    with scratch() as folder:
        where = ["-a", "127.0.0.1", "-p", "-1", "-js", "-sd", str(folder), "--ports_file_dir", str(folder)]
        server = await asyncio.create_subprocess_exec(server_binary(), *where, stderr=asyncio.subprocess.DEVNULL)
        try:
            yield await _reported_url(folder)
        finally:
            server.terminate()
            await server.wait()


async def _reported_url(folder: Path) -> str:
    while not (found := list(folder.glob("*.ports"))) or not found[0].read_text().endswith("}"):
        await asyncio.sleep(0.01)
    url: str = codec.decode_untyped(found[0].read_bytes())["nats"][0]
    return url


def measure_read_after_write(effort: Effort) -> list[Figure]:
    """Measure a list read right after a write against the same read with eventual consistency."""
    count = effort.scale(READS)
    waiting, eventual = [], []
    with scratch() as folder, RunningSuite(folder / "suite") as suite, closing(Client(suite.url, ADMIN_KEY)) as client:
        _read_latencies(client, WARM_UP)
        for _ in range(effort.rounds):
            both = _read_latencies(client, count)
            waiting.append(both[0])
            eventual.append(both[1])
    return [_longer(name, waiting, eventual) for name in SHARES]


def _read_latencies(client: Client, count: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds of `count` reads of each kind, alternating, each right after a write."""
    both = [(_read(client), _read(client, consistency="eventual")) for _ in range(count)]
    return [waiting for waiting, _ in both], [eventual for _, eventual in both]


def _read(client: Client, **how: str) -> float:
    code = _register(client)
    began = time.perf_counter()
    client.get("crm/customers", code=code, **how)
    return (time.perf_counter() - began) * 1000


def _longer(name: str, waiting: list[list[float]], eventual: list[list[float]]) -> Figure:
    with_wait, without = ([percentile(each, SHARES[name]) for each in rounds] for rounds in (waiting, eventual))
    more = [slow - fast for slow, fast in zip(with_wait, without, strict=True)]
    return Figure(f"read right after a write, {name}", _ms(with_wait), _ms(without), more, READ_GOALS[name])
