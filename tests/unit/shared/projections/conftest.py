from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.projections import Projection, ReadModels
from tests.unit.shared.projections.shop import PROJECTIONS, Shop

OpenReadModels = Callable[..., ReadModels]


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database for read models, once for each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'projections.db'}"
    address: str = request.getfixturevalue("postgres_database")
    return address


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop.in_folder(tmp_path)
    yield shop
    shop.store.close()


@pytest.fixture
def open_read_models(shop: Shop, database: str) -> Iterator[OpenReadModels]:
    """Return a function that opens the shop's read models as a process would; they are closed after the test."""
    opened: list[ReadModels] = []

    def open_models(*projections: type[Projection], migrated: bool = True) -> ReadModels:
        read_models = ReadModels(shop.store.service, shop.store, projections or PROJECTIONS, database)
        opened.append(read_models)
        if migrated:
            read_models.migrate()
        return read_models

    yield open_models
    for each in opened:
        each.close()
