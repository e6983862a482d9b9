"""One running suite for all rows of bad input, with a small firm in it."""

from collections.abc import Iterator

import pytest

from tests.integration.bad_input.firm import SampleFirm
from tests.integration.bad_input.gateway_caller import GatewayCaller
from tests.running_suite import RunningSuite


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    with RunningSuite(tmp_path_factory.mktemp("bad_input") / "home") as running:
        yield running


@pytest.fixture(scope="session")
def desk(suite: RunningSuite) -> GatewayCaller:
    """A caller with the administrator's key."""
    return GatewayCaller(suite)


@pytest.fixture(scope="session")
def firm(desk: GatewayCaller) -> SampleFirm:
    return SampleFirm.create(desk)


@pytest.fixture
def nothing_stored(desk: GatewayCaller, firm: SampleFirm) -> Iterator[None]:
    """Assert that the test adds no event, number, code or message to any store."""
    del firm
    before = desk.stored_counts()
    yield
    assert desk.stored_counts() == before
