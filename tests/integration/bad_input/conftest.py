"""One running suite for all rows of bad input, with a small firm in it."""

from collections.abc import Iterator

import pytest

from tests.integration.bad_input.desk import Desk
from tests.integration.bad_input.firm import Firm
from tests.running_suite import RunningSuite


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    with RunningSuite(tmp_path_factory.mktemp("bad_input") / "home") as running:
        yield running


@pytest.fixture(scope="session")
def desk(suite: RunningSuite) -> Desk:
    """The administrator's."""
    return Desk(suite)


@pytest.fixture(scope="session")
def firm(desk: Desk) -> Firm:
    return Firm.founded(desk)


@pytest.fixture
def nothing_stored(desk: Desk, firm: Firm) -> Iterator[None]:
    """Whatever the test does: no event, number, code or message more in any of the stores."""
    del firm
    before = desk.stored()
    yield
    assert desk.stored() == before
