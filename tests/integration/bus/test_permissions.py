"""A compromised service: the broker refuses its forbidden requests, or they affect no other service."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from nats import errors

from shared.bus.broker_config import new_nkey_seed
from shared.bus.connection import BrokerClient, Connection
from shared.bus.streams import newest_position_subject
from shared.testing.nats import NatsServer
from tests.integration.bus.bus_world import BusWorld
from tests.integration.bus.operator import RESPONSE_SECONDS, Operator, message_headers, store_message

pytestmark = pytest.mark.anyio

OWN_CONFIG = {"name": "CRM", "subjects": ["evt.crm.>"]}
FORBIDDEN_PUBLICATIONS = [
    "evt.erp.invoice.issued.00",
    "evt.srm.purchase_order.sent.63",
    "hwm.erp",
    "peer.crm.STREAM.INFO.CRM",
    "_INBOX_erp.something",
    "_INBOX.something",
    "$JS.API.STREAM.PURGE.CRM",
    "$JS.API.STREAM.DELETE.CRM",
    "$JS.API.STREAM.UPDATE.CRM",
    "$JS.API.STREAM.MSG.DELETE.CRM",
    "$JS.API.STREAM.RESTORE.CRM",
    "$JS.API.STREAM.SNAPSHOT.CRM",
    "$JS.API.STREAM.CREATE.OTHER",
    "$JS.API.STREAM.CREATE.ERP",
    "$JS.API.STREAM.PURGE.ERP",
    "$JS.API.STREAM.DELETE.ERP",
    "$JS.API.STREAM.UPDATE.ERP",
    "$JS.API.STREAM.INFO.ERP",
    "$JS.API.STREAM.LIST",
    "$JS.API.CONSUMER.CREATE.ERP",
    "$JS.API.CONSUMER.CREATE.CRM",
    "$JS.API.DIRECT.GET.ERP",
    "stored.erp.invoice.issued.00",
    "stored.crm.customer.registered.00",
    "$JS.API.CONSUMER.DURABLE.CREATE.CRM.mine",
    "$JS.API.CONSUMER.DELETE.CRM.someone",
    "$JS.API.ACCOUNT.PURGE.crm",
    "peer.erp.STREAM.PURGE.ERP",
    "peer.erp.STREAM.DELETE.ERP",
    "peer.erp.CONSUMER.CREATE.ERP",
    "peer.erp.CONSUMER.CREATE.ERP.named.evt.erp.>",
    "peer.erp.CONSUMER.MSG.NEXT.ERP.named",
    "peer.erp.STREAM.MSG.GET.ERP",
    "$SYS.REQ.SERVER.PING",
    "$SYS.REQ.ACCOUNT.erp.INFO",
]
FORBIDDEN_SUBSCRIPTIONS = [
    "_INBOX_erp.>",
    "_INBOX_srm.>",
    "_INBOX.>",
    "evt.erp.>",
    "evt.>",
    "stored.>",
    "stored.crm.>",
    "$SYS.>",
    "$JS.>",
    "peer.>",
    ">",
]


class Intruder:
    """An attacker with the key of CRM."""

    def __init__(self, connection: Connection, refusals: list[str]) -> None:
        self.connection, self._refusals = connection, refusals

    async def wait_until_processed(self) -> None:
        """Wait until the broker has processed all earlier requests: it replies in order."""
        await self.connection.request_json("peer.erp.STREAM.INFO.ERP")

    async def refused(self) -> list[str]:
        """Return the refusals of the broker so far."""
        await self.wait_until_processed()
        return [each.lower() for each in self._refusals]


@pytest.fixture
async def intruder(world: BusWorld) -> AsyncIterator[Intruder]:
    refusals: list[str] = []

    class Watched(BrokerClient):
        async def _on_client_error(self, error: Exception) -> None:
            refusals.append(str(error))

    bus = Watched(world.broker.url, name="crm", inbox_prefix="_INBOX_crm", seed=world.broker.seeds["crm"])
    connection = await bus.connection()
    connection.response_timeout_seconds = RESPONSE_SECONDS
    yield Intruder(connection, refusals)
    await bus.close()


@pytest.fixture
async def books(world: BusWorld) -> AsyncIterator[Operator]:
    """ERP's own account, with a stream of one message."""
    bus = world.broker.operator("erp")
    operator = Operator(bus)
    await operator.api("STREAM.CREATE.ERP", {"name": "ERP", "subjects": ["evt.erp.>"], "allow_direct": True})
    await store_message(await operator.connection(), "evt.erp.invoice.issued.00", b"{}", {})
    yield operator
    await bus.close()


async def size(books: Operator) -> tuple[int, int]:
    state = (await books.api("STREAM.INFO.ERP"))["state"]
    return state["messages"], state["last_seq"]


@pytest.mark.parametrize("subject", FORBIDDEN_PUBLICATIONS)
async def test_publishing_to_a_forbidden_subject_is_refused(intruder: Intruder, books: Operator, subject: str) -> None:
    before = await size(books)
    await intruder.connection.publish(subject, b"")
    assert [each for each in await intruder.refused() if "publish" in each and subject.lower() in each]
    assert await size(books) == before


@pytest.mark.parametrize("subject", FORBIDDEN_SUBSCRIPTIONS)
async def test_subscribing_to_a_forbidden_subject_is_refused(intruder: Intruder, books: Operator, subject: str) -> None:
    await intruder.connection.subscribe(subject)
    assert [each for each in await intruder.refused() if "subscription" in each and subject.lower() in each]


async def test_replies_sent_to_another_services_stream_are_not_stored(intruder: Intruder, books: Operator) -> None:
    before = await size(books)
    for subject in ("$JS.API.STREAM.INFO.CRM", "peer.erp.STREAM.INFO.ERP"):
        await intruder.connection.publish(subject, b"", reply="evt.erp.invoice.issued.00")
    await intruder.wait_until_processed()
    assert await size(books) == before


async def test_a_stream_cannot_republish_into_another_services_stream(intruder: Intruder, books: Operator) -> None:
    before = await size(books)
    config = OWN_CONFIG | {"republish": {"src": "evt.crm.>", "dest": "evt.erp.>"}}
    await intruder.connection.request_json("$JS.API.STREAM.CREATE.CRM", config)
    await store_message(intruder.connection, "evt.crm.customer.registered.00", b"{}", {})
    assert await size(books) == before


async def test_a_read_cannot_be_answered_into_another_services_stream(
    intruder: Intruder, books: Operator, world: BusWorld
) -> None:
    world.publish_changes(1)
    message = world.source.store.published_events(0, 1)[0]
    await intruder.connection.request_json("$JS.API.STREAM.CREATE.CRM", OWN_CONFIG)
    await store_message(intruder.connection, message.subject, message.data, message_headers(message))
    before = await size(books)
    read = json.dumps({"seq": 1, "batch": 10}).encode()
    await intruder.connection.publish("peer.erp.DIRECT.GET.ERP", read, reply="evt.erp.invoice.issued.01")
    await intruder.wait_until_processed()
    assert await size(books) == before


async def test_a_forged_newest_position_reaches_no_service(
    intruder: Intruder, books: Operator, world: BusWorld
) -> None:
    listener = await world.bus("scm").connection()
    announcements = await listener.subscribe(newest_position_subject("erp"))
    await listener.flush()
    await intruder.connection.publish(newest_position_subject("erp"), b'{"epoch": "0123456789abcdef", "head": 1}')
    await intruder.wait_until_processed()
    with pytest.raises(errors.TimeoutError):
        await announcements.next_msg(timeout=0.2)


async def test_a_connection_without_a_key_is_refused(broker: NatsServer) -> None:
    for seed in (None, new_nkey_seed()):
        bus = BrokerClient(broker.url, name="crm", inbox_prefix="_INBOX_crm", seed=seed)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bus.connection(), 0.5)
        assert not bus.is_connected


async def test_a_service_has_the_permissions_it_needs(intruder: Intruder, books: Operator) -> None:
    await intruder.connection.request_json("$JS.API.STREAM.CREATE.CRM", OWN_CONFIG)
    assert (await intruder.connection.request_json("peer.erp.STREAM.INFO.ERP"))["state"]["messages"] == 1
    inbox = intruder.connection.new_inbox()
    replies = await intruder.connection.subscribe(inbox)
    await intruder.connection.publish("peer.erp.DIRECT.GET.ERP", b'{"seq": 1, "batch": 1}', reply=inbox)
    reply_message = await replies.next_msg(timeout=60)
    assert reply_message.headers is not None
    assert (reply_message.headers["Nats-Subject"], reply_message.data) == ("evt.erp.invoice.issued.00", b"{}")
    assert await intruder.refused() == []
