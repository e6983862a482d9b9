"""Suites of real processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running_suite import RunningSuite


@pytest.fixture
def fresh_suite(tmp_path: Path) -> Iterator[RunningSuite]:
    """A running suite without records."""
    with RunningSuite(tmp_path / "home") as running:
        yield running
