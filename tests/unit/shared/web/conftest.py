"""Fixtures: a shop and a client of its API."""

from pathlib import Path

import pytest

from shared.testing.web import Client
from tests.unit.shared.web.shop import Shop, create_caller, open_shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return open_shop(tmp_path)


@pytest.fixture
def caller(shop: Shop) -> Client:
    return create_caller(shop)
