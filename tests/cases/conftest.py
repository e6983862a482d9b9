"""The desk of a trading firm."""

from collections.abc import Iterator

import pytest

from tests.cases.desk import Desk, open_desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as desk:
        yield desk
