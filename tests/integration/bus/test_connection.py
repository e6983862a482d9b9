"""A broken connection ends, so that a new one is opened."""

from collections.abc import AsyncIterator

import pytest

from shared.bus.connection import BrokerClient
from shared.testing.nats import NatsServer
from tests.integration.bus.bus_world import wait_until

pytestmark = pytest.mark.anyio


@pytest.fixture
async def bus(broker: NatsServer) -> AsyncIterator[BrokerClient]:
    bus = broker.bus("crm")
    yield bus
    await bus.close()


async def test_a_connection_that_breaks_with_pending_data_ends(
    broker: NatsServer, bus: BrokerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await bus.connection()
    transport = connection._transport

    async def broken_drain() -> None:
        raise ConnectionResetError("Connection lost")

    async def withheld_flush(force_flush: bool = False) -> None:
        """Leave the data pending, as when the connection breaks before the flush."""

    monkeypatch.setattr(transport, "drain", broken_drain)
    monkeypatch.setattr(connection, "_flush_pending", withheld_flush)
    await connection.publish("evt.crm.customer.registered.00", b"{}")
    broker.kill()
    await wait_until(lambda: connection.ended)
    monkeypatch.undo()
    broker.start()
    assert await bus.connection() is not connection
