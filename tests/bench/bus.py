"""The relay against a raw pipelined publish, the subscriber against a raw reader of the stream, on one real broker."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from nats.aio.msg import Msg

from shared.bus import envelope
from shared.bus.connection import BrokerClient, Connection, RequestRejected, encode_frame
from shared.bus.outbox_relay import OutboxRelay
from shared.bus.stream_reader import StreamReader
from shared.bus.streams import MEBIBYTE, StreamLimits, stream_config
from shared.bus.subscriber import Subscriber
from shared.message import Message
from shared.testing.nats import NatsServer
from tests.bench.commands import run_commands
from tests.bench.example import Notes, open_sqlite_notes
from tests.bench.measure import Effort, Figure, Meter, Rate, ratio_row, scratch

MESSAGES = 4_000
EVENTS_PER_MESSAGE = 3
PAGE, PAGES_IN_FLIGHT = 200, 3
BATCH = 100
ROUNDS_PER_STREAM = 3
"""A round takes less than a second, and a machine's pace changes from one to the next."""
LIMITS = StreamLimits(64 * MEBIBYTE)
POLL_SECONDS = 0.002

Work = Callable[[BrokerClient], Awaitable[Rate]]


class StoreFeed:
    """The feed of the source, for the few events that do not arrive through the stream."""

    def __init__(self, source: Notes) -> None:
        self._source = source

    async def get_after(self, position: int, limit: int) -> Sequence[Message]:
        return self._source.store.published_events(position, limit)


class BusBench:
    """A broker, and a service that has published the given number of messages."""

    def __init__(self, broker: NatsServer, folder: Path, messages: int) -> None:
        self._broker, self._folder = broker, folder
        self._source = open_sqlite_notes(folder / "source", "crm")
        run_commands(self._source, count(), messages)
        self._messages = self._source.store.published_events(0, messages)
        self._rounds = count()

    def publish_raw(self) -> Rate:
        """Publish the same bytes in pages, three at once, each message acknowledged, no expected sequence, no store."""
        return self._with_empty_stream(self._publish_raw)

    def relay(self) -> Rate:
        return self._with_empty_stream(self._relay)

    def pull_raw(self) -> Rate:
        return asyncio.run(self._run_as("erp", self._pull_raw))

    def react(self) -> Rate:
        return asyncio.run(self._run_as("erp", self._react))

    def _with_empty_stream(self, work: Work) -> Rate:
        asyncio.run(self._delete_stream())
        return asyncio.run(self._run_as("crm", work))

    async def _run_as(self, service: str, work: Work) -> Rate:
        bus = self._broker.bus(service)
        try:
            return await work(bus)
        finally:
            await bus.close()

    async def _delete_stream(self) -> None:
        """Delete the stream as an operator."""
        bus = self._broker.operator("crm")
        with suppress(RequestRejected):
            await (await bus.connection()).request_json("$JS.API.STREAM.DELETE.CRM")
        await bus.close()

    async def _publish_raw(self, bus: BrokerClient) -> Rate:
        connection = await bus.connection()
        await connection.request_json("$JS.API.STREAM.CREATE.CRM", stream_config("crm", LIMITS))
        receipts = AckCounter(connection)
        listening = await connection.subscribe_all(receipts.inbox, receipts.count_ack)
        frames = [
            encode_frame(each.subject, envelope.encode_headers(each), each.data, receipts.inbox)
            for each in self._messages
        ]
        with Meter() as meter:
            for start in range(0, len(frames), PAGE):
                await connection.send_frames(frames[start : start + PAGE])
                await receipts.wait_for(start + PAGE - PAGE * PAGES_IN_FLIGHT)
            await receipts.wait_for(len(frames))
        await connection.unsubscribe(listening)
        return meter.rate(len(frames))

    async def _relay(self, bus: BrokerClient) -> Rate:
        relay, head = OutboxRelay(self._source.store, bus, LIMITS), self._source.store.published_head()
        with Meter() as meter:
            await _run_until(relay.run(), lambda: relay.relayed_position >= head)
        return meter.rate(len(self._messages))

    async def _pull_raw(self, bus: BrokerClient) -> Rate:
        connection, got = await bus.connection(), 0
        with Meter() as meter:
            async with StreamReader(connection, "crm", 1) as reader:
                while got < len(self._messages):
                    got += len(await reader.receive(BATCH))
        return meter.rate(got)

    async def _react(self, bus: BrokerClient) -> Rate:
        listener = open_sqlite_notes(self._folder / f"listener-{next(self._rounds)}", "erp")
        subscriber = Subscriber(listener.inbox("crm"), bus, StoreFeed(self._source))
        events = len(self._messages) * EVENTS_PER_MESSAGE
        with Meter() as meter:
            await _run_until(subscriber.run(), lambda: listener.store.head() >= events)
        listener.store.close()
        return meter.rate(len(self._messages))


class AckCounter:
    """Counts the messages that the broker has acknowledged."""

    def __init__(self, connection: Connection) -> None:
        self.inbox = connection.new_inbox()
        self._stored = 0
        self._arrived = asyncio.Event()

    async def count_ack(self, _: Msg) -> None:
        self._stored += 1
        self._arrived.set()

    async def wait_for(self, count: int) -> None:
        while self._stored < count:
            self._arrived.clear()
            await self._arrived.wait()


@contextmanager
def _open_bench(messages: int) -> Iterator[BusBench]:
    with scratch() as folder:
        broker = NatsServer(folder / "nats", stream_bytes=LIMITS.max_bytes)
        broker.start()
        try:
            yield BusBench(broker, folder, messages)
        finally:
            broker.stop()


async def _run_until(part: Coroutine[Any, Any, None], is_done: Callable[[], bool]) -> None:
    running = asyncio.ensure_future(part)
    while not is_done() and not running.done():
        await asyncio.sleep(POLL_SECONDS)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def measure_bus(effort: Effort) -> list[Figure]:
    """Return the rows of the relay and of the subscriber."""
    relayed, consumed = [], []
    with _open_bench(effort.scale(MESSAGES)) as bench:
        for _ in range(ROUNDS_PER_STREAM * effort.rounds):
            raw = bench.publish_raw()
            relayed.append((bench.relay(), raw))
            raw = bench.pull_raw()
            consumed.append((bench.react(), raw))
    return [
        ratio_row("relay, published → JetStream", relayed, "/s", 0.3, 0.7),
        ratio_row("subscriber, 3 events for each message", consumed, "/s", 0.15, 0.3),
    ]
