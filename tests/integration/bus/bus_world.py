"""A source and a listener with real stores and a real broker, and the invariants that hold after every fault."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from shared.bus import envelope
from shared.bus.connection import BrokerClient
from shared.bus.outbox_relay import OutboxRelay
from shared.bus.subscriber import Subscriber
from shared.event_codec import decode_event
from shared.message import Message
from shared.service import Service
from shared.testing.nats import NatsServer
from shared.testing.services import open_service
from tests.integration.bus.operator import DEADLINE_SECONDS, LIMITS, Operator
from tests.integration.bus.source_and_listener import Listener, ReceivedTerms, Source, SourceFeed


class BusWorld:
    """One source, one listener and a broker; relay and subscriber are started and stopped by the test."""

    def __init__(self, folder: Path, broker: NatsServer) -> None:
        self.folder, self.broker = folder, broker
        self.source = open_service(Source, folder)
        self.listener = open_service(Listener, folder)
        self.feed = SourceFeed(self.source)
        self.customers = [self.source.customers.register() for _ in range(5)]
        self._buses: list[BrokerClient] = []
        self._running: list[asyncio.Task[None]] = []
        self._tasks: dict[OutboxRelay | Subscriber, asyncio.Task[None]] = {}

    def publish_changes(self, changes: int, batch_size: int = 1) -> None:
        """Change all customers of the source in turn."""
        for number in range(changes):
            self.source.customers.change(self.customers[number % len(self.customers)], batch_size)

    def bus(self, service: str) -> BrokerClient:
        bus = self.broker.bus(service)
        self._buses.append(bus)
        return bus

    def start_relay(self, source: Service | None = None) -> OutboxRelay:
        """Start the relay."""
        relay = self.start_silent_relay(source)
        self.start(relay.announce_newest_position())
        return relay

    def start_silent_relay(self, source: Service | None = None) -> OutboxRelay:
        """Start the relay without announcements: events reach the listener only through the stream."""
        relay = OutboxRelay((source or self.source).store, self.bus("crm"), LIMITS)
        self.resume(relay)
        return relay

    def start_subscriber(self, listener: Service | None = None) -> Subscriber:
        """Start the subscriber of the listener."""
        subscriber = Subscriber((listener or self.listener).inbox("crm"), self.bus("erp"), self.feed)
        self.resume(subscriber)
        return subscriber

    def start_announcer(self) -> None:
        """Start announcing the newest position, without events."""
        self.start(OutboxRelay(self.source.store, self.bus("crm"), LIMITS).announce_newest_position())

    def start(self, *parts: Coroutine[Any, Any, None]) -> None:
        self._running.extend(asyncio.ensure_future(each) for each in parts)

    def resume(self, task: OutboxRelay | Subscriber) -> None:
        """Start the task again with the state it has."""
        self.start(task.run())
        self._tasks[task] = self._running[-1]

    async def pause(self, task: OutboxRelay | Subscriber) -> None:
        """Stop the task; it keeps its state."""
        working = self._tasks.pop(task)
        self._running.remove(working)
        while not working.done():
            working.cancel()
            await asyncio.wait([working], timeout=0.2)

    async def register_source(self, operator: Operator) -> Subscriber:
        """Register the source with the listener by a stream with one message; the test publishes all later messages."""
        self.publish_changes(1)
        await operator.make_stream()
        await operator.publish(*self.source.store.published_events(0, 1))
        subscriber = self.start_subscriber()
        await self.wait_until_settled()
        self.feed.requests = 0
        return subscriber

    def pending_messages(self) -> list[Message]:
        """Return the number of published events that are not consumed."""
        return list(self.source.store.published_events(self.inbox_position(), 1_000_000))

    def replace_source(self, folder: Path) -> None:
        """Replace the source by another incarnation with its own log."""
        self.source = open_service(Source, folder)
        self.feed = SourceFeed(self.source)
        self.customers = [self.source.customers.register() for _ in range(5)]

    async def stop(self) -> None:
        """Stop all tasks; a task that had failed fails the test."""
        ended = [each for each in self._running if each.done()]
        while going := [each for each in self._running if not each.done()]:
            for each in going:
                each.cancel()
            await asyncio.wait(going, timeout=0.2)
        for bus in self._buses:
            await bus.close()
        self._running.clear()
        self._buses.clear()
        for each in ended:
            each.result()

    @asynccontextmanager
    async def operator(self) -> AsyncIterator[Operator]:
        """Connect an operator with all rights in the source's account."""
        bus = self.broker.operator("crm")
        try:
            yield Operator(bus)
        finally:
            await bus.close()

    @property
    def published_ids(self) -> list[str]:
        """Return the message ids that the stream should hold: those of all published events."""
        return [envelope.message_id(each) for each in self.source.store.published_events(0, 1_000_000)]

    # -- invariants

    async def wait_until_settled(self) -> None:
        """Wait until all published events are consumed; assert that each had its effect once and in order."""
        head = self.source.store.published_head()
        await wait_until(lambda: self.inbox_position() >= head)
        self.check_effects()

    def inbox_position(self) -> int:
        consumed = self.listener.store.get_inbox_position("crm")
        return consumed.position if consumed else 0

    def check_effects(self) -> None:
        published = self.source.store.published_events(0, 1_000_000)
        caused = [each.meta.causation_id for each in self.effects("Noted")]
        assert caused == [each.id for each in published]
        for customer in self.customers:
            consumed = [
                each.days for each in self.effects("Noted") if each.originator_id == ReceivedTerms.create_id(customer)
            ]
            assert consumed == list(range(1, len(consumed) + 1))
        assert self.listener.store.parked_entries() == []

    def effects(self, name: str) -> list[Any]:
        kind = f"{ReceivedTerms.NAME}.{name}"
        return [decode_event(each) for each in self.listener.store.log(0, 1_000_000, types=(kind,))]


async def wait_until(condition: Callable[[], bool], seconds: float = DEADLINE_SECONDS) -> None:
    """Wait for a condition; the test fails if it does not become true in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "it did not come true in time"
        await asyncio.sleep(0.01)
