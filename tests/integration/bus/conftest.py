"""A broker and a small world for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.testing.nats import NatsServer, broker
from tests.integration.bus.world import World

__all__ = ["broker"]


PAUSES = {
    "relay.ANNOUNCE_SECONDS": 0.5,
    "relay.REFUSED_SECONDS": 0.1,
    "reactor.NO_STREAM_SECONDS": 0.1,
    "reactor.REFUSED_SECONDS": 0.3,
}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let relays and reactors of this process look again after fractions of a second instead of seconds."""
    for name, seconds in PAUSES.items():
        monkeypatch.setattr(f"shared.bus.{name}", seconds)


@pytest.fixture
async def world(tmp_path: Path, broker: NatsServer, short_pauses: None) -> AsyncIterator[World]:
    world = World(tmp_path, broker)
    yield world
    await world.stop()
