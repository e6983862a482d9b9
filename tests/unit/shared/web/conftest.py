"""A shop and somebody who asks it."""

from pathlib import Path

import pytest

from shared.testing.web import Client
from tests.unit.shared.web.shop import Shop, a_caller, a_shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return a_shop(tmp_path)


@pytest.fixture
def caller(shop: Shop) -> Client:
    return a_caller(shop)
