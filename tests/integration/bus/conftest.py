"""A broker and a small world for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from shared.testing.nats import NatsServer
from shared.testing.postgres import postgres, postgres_database, postgres_url
from tests.integration.bus.world import World

__all__ = ["postgres", "postgres_database", "postgres_url"]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path / "nats")
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def world(tmp_path: Path, broker: NatsServer) -> AsyncIterator[World]:
    world = World(tmp_path, broker)
    yield world
    await world.stop()
