from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.store import Store
from tests.integration.store.places import Place


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A database of this test alone, once of each kind."""
    address = str(tmp_path / "events.db") if request.param == "sqlite" else request.getfixturevalue("postgres_database")
    place = Place(address)
    yield place
    place.close()


@pytest.fixture
def store(place: Place) -> Store:
    return place.open()
