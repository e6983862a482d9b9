"""A broker and a small world for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.testing.nats import NatsServer, broker
from shared.testing.postgres import postgres, postgres_database, postgres_url
from tests.integration.bus.world import World

__all__ = ["broker", "postgres", "postgres_database", "postgres_url"]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def world(tmp_path: Path, broker: NatsServer) -> AsyncIterator[World]:
    world = World(tmp_path, broker)
    yield world
    await world.stop()
