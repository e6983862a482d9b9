"""The key of each service at a real broker: it reads what its peers published, and leaves nothing behind anywhere."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from shared.bus.broker_config import reply_subject_prefix
from shared.bus.connection import BrokerClient, Connection, RequestRejected
from shared.bus.stream_reader import StreamReader
from shared.bus.streams import stream_config, stream_name
from shared.testing.nats import SERVICES, NatsServer
from tests.integration.bus.operator import LIMITS, RESPONSE_SECONDS, Operator, store_message

pytestmark = pytest.mark.anyio

DECADES = 20 * 365 * 86_400 * 10**9
PUSH_CONFIGS: dict[str, dict[str, Any]] = {
    "into an inbox": {"deliver_subject": "_INBOX_erp.spy"},
    "into an event subject": {"deliver_subject": "evt.crm.customer.registered.00"},
    "to an own subject for decades": {"deliver_subject": "spy", "inactive_threshold": DECADES},
    "pull, for decades": {"inactive_threshold": DECADES},
    "pull, durable": {"durable_name": "spy"},
}
CONSUMER_REQUESTS = (
    "CONSUMER.CREATE.{stream}",
    "CONSUMER.CREATE.{stream}.spy",
    "CONSUMER.CREATE.{stream}.spy.evt.{source}.>",
    "CONSUMER.DURABLE.CREATE.{stream}.spy",
    "CONSUMER.DELETE.{stream}.peer",
    "CONSUMER.INFO.{stream}.peer",
    "CONSUMER.MSG.NEXT.{stream}.peer",
    "CONSUMER.PAUSE.{stream}.peer",
    "CONSUMER.LIST.{stream}",
    "CONSUMER.NAMES.{stream}",
)
STREAM_REQUESTS = (
    "STREAM.DELETE.{stream}",
    "STREAM.PURGE.{stream}",
    "STREAM.UPDATE.{stream}",
    "STREAM.MSG.DELETE.{stream}",
    "STREAM.SNAPSHOT.{stream}",
    "STREAM.RESTORE.{stream}",
    "STREAM.LEADER.STEPDOWN.{stream}",
    "STREAM.PEER.REMOVE.{stream}",
)
ACCOUNT_REQUESTS = (
    "STREAM.CREATE.SPY",
    "STREAM.LIST",
    "STREAM.NAMES",
    "INFO",
    "ACCOUNT.PURGE.{source}",
    "SERVER.REMOVE",
)
FORBIDDEN_PATTERNS = (
    "_INBOX.>",
    "*.spy",
    "*.>",
    ">",
    "$JS.>",
    "$JS.API.>",
    "$SYS.>",
    "peer.>",
    "evt.>",
    "stored.>",
    "hwm.>",
    "hwm.*",
)


@dataclass
class Accounts:
    """The broker with a stream of one event for each service."""

    broker: NatsServer
    operators: dict[str, Operator]

    @asynccontextmanager
    async def connected_as(self, service: str) -> AsyncIterator["Holder"]:
        """Connect with the key of a service."""
        refusals: list[str] = []

        class Watched(BrokerClient):
            async def _on_client_error(self, error: Exception) -> None:
                refusals.append(str(error).lower())

        seed, inbox = self.broker.seeds[service], reply_subject_prefix(service)
        bus = Watched(self.broker.url, name=service, inbox_prefix=inbox, seed=seed)
        connection = await bus.connection()
        connection.response_timeout_seconds = RESPONSE_SECONDS
        try:
            yield Holder(service, connection, refusals)
        finally:
            await bus.close()

    async def state(self) -> dict[str, Any]:
        """Return what each account holds: streams with their creation, configuration and content, and consumers."""
        return {service: await _state_of(operator, service) for service, operator in self.operators.items()}


@dataclass
class Holder:
    """The holder of a service's key."""

    service: str
    connection: Connection
    refusals: list[str]

    @property
    def peers(self) -> list[str]:
        return [each for each in SERVICES if each != self.service]

    async def not_refused_to_publish(self, subjects: list[str], body: Any) -> list[str]:
        for subject in subjects:
            await self.connection.publish_json(subject, body)
        await self._wait_until_processed()
        return [each for each in subjects if f'publish to "{each.lower()}"' not in "".join(self.refusals)]

    async def not_refused_to_subscribe(self, subjects: list[str]) -> list[str]:
        for subject in subjects:
            await self.connection.subscribe(subject)
        await self._wait_until_processed()
        return [each for each in subjects if f'subscription to "{each.lower()}"' not in "".join(self.refusals)]

    async def _wait_until_processed(self) -> None:
        """Wait until the broker has processed all earlier requests: it replies in order."""
        peer = self.peers[0]
        await self.connection.request_json(f"peer.{peer}.STREAM.INFO.{stream_name(peer)}")


async def _state_of(operator: Operator, service: str) -> Any:
    streams = (await operator.api("STREAM.LIST"))["streams"]
    consumers = (await operator.api(f"CONSUMER.NAMES.{stream_name(service)}"))["consumers"]
    kept = [(each["created"], each["config"], each["state"]["messages"], each["state"]["last_seq"]) for each in streams]
    return kept, consumers


@pytest.fixture
async def accounts(broker: NatsServer) -> AsyncIterator[Accounts]:
    buses = {service: broker.operator(service) for service in SERVICES}
    operators = {service: Operator(bus) for service, bus in buses.items()}
    for service, operator in operators.items():
        await operator.api(f"STREAM.CREATE.{stream_name(service)}", stream_config(service, LIMITS))
        await store_message(await operator.connection(), f"evt.{service}.one", b"one", {})
    yield Accounts(broker, operators)
    for bus in buses.values():
        await bus.close()


def requests(holder: Holder, *forms: str) -> Iterator[str]:
    """Yield the requests of these forms on each stream, in the own account and in those of the peers."""
    for source in SERVICES:
        for form in forms:
            verb = form.format(stream=stream_name(source), source=source)
            yield f"$JS.API.{verb}"
            yield from (f"peer.{peer}.{verb}" for peer in holder.peers)


@pytest.mark.case("X21")
@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("config", PUSH_CONFIGS.values(), ids=PUSH_CONFIGS)
async def test_a_service_creates_no_consumer_of_any_stream(
    accounts: Accounts, service: str, config: dict[str, Any]
) -> None:
    before = await accounts.state()
    async with accounts.connected_as(service) as holder:
        for source in SERVICES:
            body = {"stream_name": stream_name(source), "config": {"ack_policy": "none", **config}}
            assert await holder.not_refused_to_publish(list(requests(holder, *CONSUMER_REQUESTS)), body) == []
    assert await accounts.state() == before


@pytest.mark.case("X21")
@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_deletes_and_changes_no_stream(accounts: Accounts, service: str) -> None:
    before = await accounts.state()
    async with accounts.connected_as(service) as holder:
        forbidden = list(requests(holder, *STREAM_REQUESTS, *ACCOUNT_REQUESTS))
        forbidden += [f"$JS.API.STREAM.CREATE.{stream_name(peer)}" for peer in holder.peers]
        forbidden += [f"peer.{peer}.STREAM.CREATE.{stream_name(peer)}" for peer in holder.peers]
        assert await holder.not_refused_to_publish(forbidden, {}) == []
    assert await accounts.state() == before


@pytest.mark.case("X21")
@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_reads_no_replies_of_another_and_publishes_none_of_its_subjects(
    accounts: Accounts, service: str
) -> None:
    before = await accounts.state()
    async with accounts.connected_as(service) as holder:
        inboxes = [f"{reply_subject_prefix(peer)}.{rest}" for peer in holder.peers for rest in (">", "*", "abc")]
        assert await holder.not_refused_to_subscribe([*inboxes, *FORBIDDEN_PATTERNS]) == []
        foreign = [f"{subject}.{peer}.x" for peer in holder.peers for subject in ("evt", "stored")]
        foreign += [f"hwm.{peer}" for peer in holder.peers] + [f"{reply_subject_prefix(peer)}.x" for peer in SERVICES]
        assert await holder.not_refused_to_publish(foreign, {}) == []
    assert await accounts.state() == before


@pytest.mark.case("X21")
@pytest.mark.parametrize("kind", ["mirror", "sources"])
async def test_a_stream_copies_nothing_from_another_account(accounts: Accounts, kind: str) -> None:
    """The broker copies a stream by a consumer, which it creates itself for the owner of the copy."""
    await accounts.operators["crm"].delete_stream()
    origin = {"name": "ERP", "external": {"api": "peer.erp", "deliver": "evt.crm.copied"}}
    config = {"name": "CRM", kind: origin if kind == "mirror" else [origin]}
    async with accounts.connected_as("crm") as holder:
        await holder.connection.request_json("$JS.API.STREAM.CREATE.CRM", config)
        assert (await accounts.operators["erp"].api("CONSUMER.NAMES.ERP"))["consumers"] == []
        assert (await accounts.operators["crm"].api("STREAM.INFO.CRM"))["state"]["messages"] == 0


@pytest.mark.case("X21")
@pytest.mark.parametrize(
    "more", [{"max_bytes": 10**9}, {"storage": "memory", "max_bytes": 1000}], ids=["disk", "memory"]
)
async def test_a_service_takes_no_more_storage_than_its_stream(accounts: Accounts, more: dict[str, Any]) -> None:
    await accounts.operators["crm"].delete_stream()
    async with accounts.connected_as("crm") as holder:
        with pytest.raises(RequestRejected, match=r"insufficient|exceeded|maximum"):
            await holder.connection.request_json("$JS.API.STREAM.CREATE.CRM", stream_config("crm", LIMITS) | more)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_reads_what_its_peers_have_published_and_publish(accounts: Accounts, service: str) -> None:
    async with accounts.connected_as(service) as holder:
        for peer in holder.peers:
            async with StreamReader(holder.connection, peer, 1) as reader:
                assert [each.data for each in await reader.receive(10)] == [b"one"]
                publishing = await accounts.operators[peer].connection()
                await store_message(publishing, f"evt.{peer}.two", b"two", {})
                assert [(each.sequence, each.subject) for each in await _receive(reader)] == [(2, f"evt.{peer}.two")]
        assert holder.refusals == []
    assert [consumers for _, consumers in (await accounts.state()).values()] == [[]] * len(SERVICES)


async def _receive(reader: StreamReader) -> list[Any]:
    while True:
        if received := await reader.receive(10):
            return list(received)
