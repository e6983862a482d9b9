"""Suites for the fault tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running_suite import RunningSuite


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[RunningSuite]:
    """A suite for one test that causes faults in it."""
    with RunningSuite(tmp_path / "home") as running:
        yield running


@pytest.fixture(scope="module")
def sound_suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    """A suite shared by tests that leave it intact."""
    with RunningSuite(tmp_path_factory.mktemp("sound") / "home") as running:
        yield running
