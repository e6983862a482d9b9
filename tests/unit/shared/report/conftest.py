from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.projections import Projection, ReadModels
from tests.unit.shared.report.shop import REPORTS, Shop

OpenReadModels = Callable[..., ReadModels]


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where read models live, once on each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'reports.db'}"
    address: str = request.getfixturevalue("postgres_database")
    return address


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop.in_folder(tmp_path)
    yield shop
    shop.store.close()


@pytest.fixture
def opened(shop: Shop, database: str) -> Iterator[OpenReadModels]:
    """Open the shop's read models as a process would; they are closed after the test."""
    open_now: list[ReadModels] = []

    def opening(*reports: type[Projection], migrated: bool = True) -> ReadModels:
        read_models = ReadModels(shop.store.service, shop.store, reports or REPORTS, database)
        open_now.append(read_models)
        if migrated:
            read_models.migrate()
        return read_models

    yield opening
    for each in open_now:
        each.close()
