"""Fixtures: a shop, a client of its API, and notes taken with it."""

from pathlib import Path

import pytest

from shared.testing.services import catch_up
from shared.testing.web import Client
from tests.unit.shared.web.shop import Shop, create_caller, open_shop, take_notes


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return open_shop(tmp_path)


@pytest.fixture
def caller(shop: Shop) -> Client:
    return create_caller(shop)


@pytest.fixture
def notes(shop: Shop, caller: Client) -> list[str]:
    ids = take_notes(caller, 12)
    caller.post(f"/notes/{ids[3]}/place", json={"effective_on": "2026-03-03"})
    caller.post(f"/notes/{ids[4]}/place", json={"effective_on": "2026-04-04"})
    catch_up(shop)
    return ids
