"""The relay against a raw pipelined publish, the reactor against a raw continuous pull, on one real broker."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from nats.aio.msg import Msg

from gateway.cli.bench.commands import perform
from gateway.cli.bench.example import Notes, sqlite_notes
from gateway.cli.bench.measure import Figure, Rate, cpu, ratio_row, scratch
from shared.bus import envelope
from shared.bus.connection import Bus, Declined, frame
from shared.bus.pull import Pull
from shared.bus.reactor import Reactor
from shared.bus.relay import Relay
from shared.bus.streams import MEBIBYTE, StreamLimits, stream_config
from shared.hearing import Ear
from shared.message import Message
from shared.testing.nats import NatsServer

MESSAGES = 4_000
ROUNDS = 3
PAGE, PAGES_UNDER_WAY = 200, 3
LIMITS = StreamLimits(64 * MEBIBYTE)
LOOK_SECONDS = 0.002


class FromStore:
    """What the source would answer when asked: nearly all comes over the stream."""

    def __init__(self, source: Notes) -> None:
        self._source = source

    async def after(self, position: int, limit: int) -> Sequence[Message]:
        return self._source.store.published(position, limit)


def on_the_bus() -> list[Figure]:
    """Both rows."""
    with scratch() as folder:
        broker = NatsServer(folder / "nats", stream_bytes=LIMITS.max_bytes)
        broker.start()
        try:
            source = sqlite_notes(folder / "source", "crm")
            perform(source, MESSAGES, count())
            pairs = asyncio.run(_both(broker, source, folder))
        finally:
            broker.stop()
    relayed, heard = pairs
    return [
        ratio_row("relay: published → JetStream, acknowledged", relayed, "/s", 0.3, 0.7),
        ratio_row("reactor: 3 events for each message", heard, "/s", 0.15, 0.3),
    ]


async def _both(
    broker: NatsServer, source: Notes, folder: Path
) -> tuple[list[tuple[Rate, Rate]], list[tuple[Rate, Rate]]]:
    messages = source.store.published(0, MESSAGES)
    relayed, heard = [], []
    for turn in range(ROUNDS):
        await _forget_stream(broker)
        raw_publish = await _with_bus(broker, "crm", lambda bus: _publish_raw(bus, messages))
        await _forget_stream(broker)
        ours_publish = await _with_bus(broker, "crm", lambda bus: _relay(bus, source))
        relayed.append((ours_publish, raw_publish))
        listener = sqlite_notes(folder / f"listener-{turn}", "erp")
        raw_pull = await _with_bus(broker, "erp", _pull_raw)
        ours_pull = await _with_bus(broker, "erp", partial(_react, listener=listener, source=source))
        heard.append((ours_pull, raw_pull))
        listener.store.close()
    return relayed, heard


async def _with_bus(broker: NatsServer, service: str, work: Any) -> Rate:
    bus = broker.bus(service)
    try:
        used, began = cpu(), time.perf_counter()
        seconds = await work(bus)
        seconds = seconds or time.perf_counter() - began
        return Rate(MESSAGES / seconds, (cpu() - used) / MESSAGES * 1e6)
    finally:
        await bus.close()


async def _forget_stream(broker: NatsServer) -> None:
    """No stream, as at the beginning: only an operator may do that."""
    bus = broker.operator("crm")
    with suppress(Declined):
        await (await bus.connection()).ask("$JS.API.STREAM.DELETE.CRM")
    await bus.close()


async def _publish_raw(bus: Bus, messages: Sequence[Message]) -> float:
    """The same bytes in pages, three under way, one receipt a message, no fence and no store."""
    connection = await bus.connection()
    await connection.ask("$JS.API.STREAM.CREATE.CRM", stream_config("crm", LIMITS))
    inbox, stored, arrived = connection.new_inbox(), 0, asyncio.Event()

    async def told(_: Msg) -> None:
        nonlocal stored
        stored += 1
        arrived.set()

    listening = await connection.open_inbox(inbox, told)
    frames = [frame(each.subject, envelope.headers(each), each.data, inbox) for each in messages]
    began = time.perf_counter()
    for start in range(0, len(frames), PAGE):
        await connection.send(frames[start : start + PAGE])
        while start + PAGE - stored > PAGE * PAGES_UNDER_WAY:
            arrived.clear()
            await arrived.wait()
    while stored < len(frames):
        arrived.clear()
        await arrived.wait()
    seconds = time.perf_counter() - began
    await connection.close_inbox(listening)
    return seconds


async def _relay(bus: Bus, source: Notes) -> float:
    relay = Relay(source.store, bus, LIMITS)
    began = time.perf_counter()
    await _while_running(relay.run(), lambda: relay.relayed >= source.store.published_head())
    return time.perf_counter() - began


async def _pull_raw(bus: Bus) -> float:
    connection = await bus.connection()
    got = 0
    began = time.perf_counter()
    async with Pull(connection, "crm", 1) as pull:
        while got < MESSAGES:
            got += len(await pull.take(100))
    return time.perf_counter() - began


async def _react(bus: Bus, listener: Notes, source: Notes) -> float:
    ear = Ear(listener, "crm")
    reactor = Reactor(ear, bus, FromStore(source))
    began = time.perf_counter()
    await _while_running(reactor.run(), lambda: _heard(listener) >= MESSAGES)
    return time.perf_counter() - began


def _heard(listener: Notes) -> int:
    return listener.store.head() // 3


async def _while_running(part: Coroutine[Any, Any, None], done: Any) -> None:
    running = asyncio.ensure_future(part)
    try:
        while not done():
            if running.done():
                running.result()
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
