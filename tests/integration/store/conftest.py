from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.store.event_store import EventStore
from tests.integration.store.databases import DatabaseFixture


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseFixture]:
    """A database for one test, once on SQLite and once on PostgreSQL."""
    address = str(tmp_path / "events.db") if request.param == "sqlite" else request.getfixturevalue("postgres_database")
    place = DatabaseFixture(address)
    yield place
    place.close()


@pytest.fixture
def store(place: DatabaseFixture) -> EventStore:
    return place.open()
