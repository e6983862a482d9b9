"""The desk of a trading firm."""

from collections.abc import Iterator

import pytest

from tests.cases.desk import Desk, open_desk


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Return a desk whose requests wait for no events: all were delivered with the request before."""
    monkeypatch.setattr("shared.web.commands.MAX_WAIT_SECONDS", 0)
    with open_desk() as desk:
        yield desk
