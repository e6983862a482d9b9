"""How long until others have reacted, and what a read right after a write costs."""

import asyncio
import sqlite3
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import nats

from gateway.cli.bench.flows import percentile
from gateway.cli.bench.measure import Figure
from shared import codec
from shared.bus.server import server_binary
from shared.testing.suite import RunningSuite

PER_SECOND, MESSAGES = 100, 600
READS = 300


def reaction(suite: RunningSuite) -> list[Figure]:
    """Command committed in CRM → reaction committed in ERP, at 100 a second, against a raw message's way."""
    ours = _reactions(suite)
    raw = asyncio.run(_raw_one_way())
    rows = []
    for name, share, most, aim in (("p50", 0.5, 8, 5), ("p99", 0.99, 20, 10)):
        mine, theirs = percentile(ours, share), percentile(raw, share)
        rows.append(
            Figure(
                f"committed → reaction committed, {name}", f"{mine:.2f} ms", f"{theirs:.2f} ms", mine / theirs,
                f"≤ {most}", f"{aim}", mine / theirs <= most,
            )
        )  # fmt: skip
    return rows


def _reactions(suite: RunningSuite) -> list[float]:
    """Milliseconds between the two commits, from the stores' own recorded times."""
    start = _head(suite, "crm")
    with suite.client as client:
        for n in range(MESSAGES):
            began = time.perf_counter()
            body = {"code": f"L-{uuid4().hex[:12]}", "name": f"Latency {n}", "currency": "USD"}
            client.post("/crm/customers", json=body, headers={"Idempotency-Key": uuid4().hex}).raise_for_status()
            time.sleep(max(0.0, 1 / PER_SECOND - (time.perf_counter() - began)))
    suite.wait_until_quiet()
    said = {
        f"crm:{epoch}-{position}": at
        for position, at, epoch in _rows(suite, "crm", "SELECT position, recorded_at, epoch FROM published, incarnation")
        if position > start
    }
    heard: dict[str, int] = {}
    for state, at in _rows(suite, "erp", "SELECT state, recorded_at FROM events"):
        heard.setdefault(codec.decode_plain(state)["meta"]["causation"], at)
    return [(heard[cause] - at) / 1000 for cause, at in said.items() if cause in heard]


def _head(suite: RunningSuite, service: str) -> int:
    return int(_rows(suite, service, "SELECT coalesce(max(position), 0) FROM events")[0][0])


def _rows(suite: RunningSuite, service: str, question: str) -> list[Any]:
    with sqlite3.connect(f"file:{suite.home / service / 'events.db'}?mode=ro", uri=True) as db:
        return db.execute(question).fetchall()


async def _raw_one_way() -> list[float]:
    """Milliseconds from publishing to a stream to its arrival at a push consumer, 100 a second."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="sihe-bench-") as folder:
        port_file = Path(folder)
        server = await asyncio.create_subprocess_exec(
            str(server_binary()), "-a", "127.0.0.1", "-p", "-1", "-js", "-sd", folder, "--ports_file_dir", folder,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            return await _one_way(await _url_in(port_file))
        finally:
            server.terminate()
            await server.wait()


async def _url_in(folder: Path) -> str:
    while not (found := list(folder.glob("*.ports"))):
        await asyncio.sleep(0.01)
    url: str = codec.decode_plain(found[0].read_bytes())["nats"][0]
    return url


async def _one_way(url: str) -> list[float]:
    mouth, ear = await nats.connect(url), await nats.connect(url)
    stream = mouth.jetstream()
    await stream.add_stream(name="RAW", subjects=["raw"])
    took: list[float] = []

    async def arrived(message: Any) -> None:
        took.append((time.perf_counter() - float(message.data)) * 1000)

    await ear.jetstream().subscribe("raw", cb=arrived, ordered_consumer=True)
    for _ in range(MESSAGES):
        await stream.publish("raw", str(time.perf_counter()).encode())
        await asyncio.sleep(1 / PER_SECOND)
    await mouth.close()
    await ear.close()
    return took


def read_after_write(suite: RunningSuite) -> list[Figure]:
    """A list read right after a write, against the same read that does not wait."""
    took: dict[str, list[float]] = {"": [], "eventual": []}
    with suite.client as client:
        for n in range(READS * 2):
            code = f"R-{uuid4().hex[:12]}"
            body = {"code": code, "name": f"Read {n}", "currency": "USD"}
            client.post("/crm/customers", json=body, headers={"Idempotency-Key": uuid4().hex}).raise_for_status()
            how = "eventual" if n % 2 else ""
            parameters = {"code": code, **({"consistency": how} if how else {})}
            began = time.perf_counter()
            client.get("/crm/customers", params=parameters).raise_for_status()
            took[how].append((time.perf_counter() - began) * 1000)
    rows = []
    for name, share, most, aim in (("p50", 0.5, 2, 1), ("p99", 0.99, 6, 3)):
        waiting, not_waiting = percentile(took[""], share), percentile(took["eventual"], share)
        more = waiting - not_waiting
        rows.append(
            Figure(
                f"read right after a write, {name}", f"{waiting:.2f} ms", f"{not_waiting:.2f} ms", None,
                f"≤ +{most} ms", f"+{aim} ms", more <= most, spread=f"+{more:.2f} ms",
            )
        )  # fmt: skip
    return rows
