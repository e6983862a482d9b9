"""A source and a listener with real stores and a real broker, and what must hold whatever happened between them."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.bus import envelope
from shared.bus.connection import BrokerClient, Connection, Disconnected, RequestRejected
from shared.bus.event_feed import FeedUnavailable
from shared.bus.outbox_relay import OutboxRelay
from shared.bus.streams import StreamLimits, stream_config
from shared.bus.subscriber import Subscriber
from shared.commands import Commands
from shared.contracts import crm
from shared.domain import Aggregate, UnitOfWork, event
from shared.event_codec import decode_event
from shared.message import Message
from shared.module import Module
from shared.policies import Policies, PublishedEvents
from shared.service import Service
from shared.testing.nats import NatsServer
from shared.testing.services import open_service

LIMITS = StreamLimits(max_bytes=16 * 1024 * 1024)
DEADLINE_SECONDS = 120
RESPONSE_SECONDS = 60
"""Long enough for a response of the broker on a busy machine; the client waits half a second by default."""


class Customer(Aggregate):
    """Whose terms change again and again: the number of days counts the changes."""

    class Changed(Aggregate.Event):
        days: int

    @event("Registered")
    def __init__(self) -> None:
        self.days = 0

    def change(self) -> None:
        self._changed(days=self.days + 1)

    @event(Changed)
    def _changed(self, days: int) -> None:
        self.days = days


class ReceivedTerms(Aggregate):
    """The events of one customer that the listener consumed, in order."""

    @classmethod
    def create_id(cls, customer_id: UUID) -> UUID:
        return cls.derive_id(customer_id)

    @event("Begun")
    def __init__(self, customer_id: UUID) -> None:
        self.customer_id = customer_id
        self.received: list[int] = []

    def record(self, days: int) -> None:
        self._noted(days=days)

    @event("Noted")
    def _noted(self, days: int) -> None:
        self.received.append(days)


published = PublishedEvents()


@published.after(Customer.Changed)
def terms_changed(changed: Customer.Changed, customer: Customer) -> crm.CustomerTermsChanged:
    return crm.CustomerTermsChanged(customer.id, customer.days)


policies = Policies()


@policies.when(crm.CustomerTermsChanged)
def record_terms(changed: crm.CustomerTermsChanged, uow: UnitOfWork) -> Iterator[Aggregate]:
    notes = uow.get_or_create(ReceivedTerms, customer_id=changed.customer_id)
    notes.record(changed.payment_terms_days)
    yield notes


class Customers(Commands):
    def register(self) -> UUID:
        return self.uow.save(Customer()).id

    def change(self, customer_id: UUID, times: int = 1) -> None:
        customer = self.uow.get(Customer, customer_id)
        for _ in range(times):
            customer.change()
        self.uow.save(customer)


class Source(Service):
    NAME = "crm"
    modules = (Module("customers", commands=Customers, published=published),)


class Listener(Service):
    NAME = "erp"
    modules = (Module("orders", policies=policies),)


class SourceFeed:
    """The source's feed, without HTTP between."""

    def __init__(self, source: Service) -> None:
        self._source = source
        self.requests = 0
        self.is_down = False

    async def get_after(self, position: int, limit: int) -> Sequence[Message]:
        self.requests += 1
        if self.is_down:
            raise FeedUnavailable("the source is away")
        return self._source.store.published_events(position, limit)


class BusWorld:
    """One source, one listener, a broker between them; parts are started and stopped at will."""

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
        self.start(relay.announce_high_water_mark())
        return relay

    def start_silent_relay(self, source: Service | None = None) -> OutboxRelay:
        """Start the relay without announcements: an event reaches the listener by the stream alone."""
        relay = OutboxRelay((source or self.source).store, self.bus("crm"), LIMITS)
        self.resume(relay)
        return relay

    def start_subscriber(self, listener: Service | None = None) -> Subscriber:
        """Start hearing."""
        reactor = Subscriber((listener or self.listener).inbox("crm"), self.bus("erp"), self.feed)
        self.resume(reactor)
        return reactor

    def start_announcer(self) -> None:
        """Start publishing the high-water mark, without events."""
        self.start(OutboxRelay(self.source.store, self.bus("crm"), LIMITS).announce_high_water_mark())

    def start(self, *parts: Coroutine[Any, Any, None]) -> None:
        self._running.extend(asyncio.ensure_future(each) for each in parts)

    def resume(self, task: OutboxRelay | Subscriber) -> None:
        """Work, with the memory it has."""
        self.start(task.run())
        self._tasks[task] = self._running[-1]

    async def pause(self, task: OutboxRelay | Subscriber) -> None:
        """Stop; what it remembers stays as it is."""
        working = self._tasks.pop(task)
        self._running.remove(working)
        while not working.done():
            working.cancel()
            await asyncio.wait([working], timeout=0.2)

    async def register_source(self, operator: "Operator") -> Subscriber:
        """Let the listener know the source, by a stream with one message; what follows is published by hand."""
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
        """Another incarnation of the source, with a log of its own."""
        self.source = open_service(Source, folder)
        self.feed = SourceFeed(self.source)
        self.customers = [self.source.customers.register() for _ in range(5)]

    async def stop(self) -> None:
        """Stop all parts; a part that had failed fails the test."""
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
    async def operator(self) -> AsyncIterator["Operator"]:
        """A person with all rights in the source's account."""
        bus = self.broker.operator("crm")
        try:
            yield Operator(bus)
        finally:
            await bus.close()

    @property
    def published_ids(self) -> list[str]:
        """What the stream should hold: all that was published, by the names the broker knows."""
        return [envelope.message_id(each) for each in self.source.store.published_events(0, 1_000_000)]

    # -- what must hold

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


class Operator:
    """What a person may do to a stream: everything."""

    def __init__(self, bus: BrokerClient) -> None:
        self._bus = bus

    async def api(self, verb: str, body: object = None) -> dict[str, Any]:
        return await (await self.connection()).request_json(f"$JS.API.{verb}", body)

    async def connection(self) -> Connection:
        """Return the connection, which waits long for responses."""
        connection = await self._bus.connection()
        connection.response_timeout_seconds = RESPONSE_SECONDS
        return connection

    async def delete_stream(self) -> None:
        """Take the stream away, as soon as there is one."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while True:
                with suppress(RequestRejected):
                    await self.api("STREAM.DELETE.CRM")
                    return
                await asyncio.sleep(0.01)

    async def make_stream(self, **changes: object) -> None:
        await self.api("STREAM.CREATE.CRM", stream_config("crm", LIMITS) | changes)

    async def last_sequence(self) -> int:
        return int((await self.api("STREAM.INFO.CRM"))["state"]["last_seq"])

    async def publish_to(self, subject: str, message: Message) -> None:
        await store_message(await self.connection(), subject, message.data, message_headers(message))

    async def publish(self, *messages: Message, **headers: str) -> None:
        """Into the stream, past the relay, without its fence. Headers may be given otherwise."""
        connection = await self.connection()
        for each in messages:
            await store_message(connection, each.subject, each.data, message_headers(each) | headers)

    async def stored(self) -> list[str]:
        """The ids of all messages in the stream, in its order."""
        state = (await self.api("STREAM.INFO.CRM"))["state"]
        found = [await self._id(sequence) for sequence in range(state["first_seq"], state["last_seq"] + 1)]
        return [each for each in found if each]

    async def wait_until_stored(self, wanted: Sequence[str]) -> None:
        """Wait until the stream holds just these, in this order."""
        deadline = asyncio.get_running_loop().time() + DEADLINE_SECONDS
        found: list[str] = []
        while found != wanted:
            assert asyncio.get_running_loop().time() < deadline, f"{len(found)} messages, not {len(wanted)}"
            with suppress(RequestRejected, Disconnected):
                found = await self.stored()
            await asyncio.sleep(0.02)

    async def _id(self, sequence: int) -> str | None:
        try:
            found = await self.api("STREAM.MSG.GET.CRM", {"seq": sequence})
        except RequestRejected:
            return None
        return envelope.parse_header_lines(base64.b64decode(found["message"].get("hdrs", ""))).get("ce-id")


async def store_message(connection: Connection, subject: str, data: bytes, headers: dict[str, str]) -> None:
    """Publish a message and wait until the stream has stored it."""
    await connection.request(subject, data, timeout=RESPONSE_SECONDS, headers=headers)


def message_headers(message: Message) -> dict[str, str]:
    """The headers of a message, to be sent by hand."""
    return envelope.parse_header_lines(envelope.encode_headers(message))


async def wait_until(condition: Callable[[], bool], seconds: float = DEADLINE_SECONDS) -> None:
    """Wait for a condition; the test fails if it does not come true in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "it did not come true in time"
        await asyncio.sleep(0.01)
