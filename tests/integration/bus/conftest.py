"""A broker, a source and a listener for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.testing.nats import NatsServer, broker
from tests.integration.bus.bus_world import BusWorld

__all__ = ["broker"]


PAUSES = {
    "outbox_relay.ANNOUNCE_SECONDS": 0.5,
    "outbox_relay.REFUSED_SECONDS": 0.1,
    "subscriber.LONGEST_STREAM_PAUSE_SECONDS": 0.1,
    "subscriber.REFUSED_SECONDS": 0.3,
}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let relays and subscribers of this process poll after fractions of a second instead of seconds."""
    for name, seconds in PAUSES.items():
        monkeypatch.setattr(f"shared.bus.{name}", seconds)


@pytest.fixture
async def world(tmp_path: Path, broker: NatsServer, short_pauses: None) -> AsyncIterator[BusWorld]:
    world = BusWorld(tmp_path, broker)
    yield world
    await world.stop()
