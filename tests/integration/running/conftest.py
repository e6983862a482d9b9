"""Suites of real processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running_suite import RunningSuite
from tests.small_backed_up_firm import Firm, backed_up_firm


@pytest.fixture
def fresh_suite(tmp_path: Path) -> Iterator[RunningSuite]:
    """A running suite without records."""
    with RunningSuite(tmp_path / "home") as running:
        yield running


@pytest.fixture(scope="session")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    """A stopped suite of a small firm with a backup; its tests run in one process (`xdist_group`)."""
    with backed_up_firm(tmp_path_factory.mktemp("firm")) as firm:
        yield firm
