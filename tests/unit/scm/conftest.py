"""Fixtures of the tests of SCM."""

from pathlib import Path

import pytest

from tests.unit.scm.caller import CheckedCaller
from tests.unit.scm.examples import a_warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> CheckedCaller:
    """Return a client of a warehouse where TOFU is registered and out of stock."""
    return CheckedCaller(a_warehouse(tmp_path, TOFU=0))
