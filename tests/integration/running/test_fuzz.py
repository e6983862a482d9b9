"""A few hundred of the requests that `make fuzz` sends by the ten thousand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.firm import create_firm
from tests.fuzz.run import MIN_ACCEPTED_SHARE, SETTINGS, run_schemathesis
from tests.running_suite import RunningSuite


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[RunningSuite]:
    with RunningSuite(tmp_path / "home", **SETTINGS) as running:
        yield running


def test_documented_requests_are_accepted_and_every_response_is_documented(suite: RunningSuite, tmp_path: Path) -> None:
    create_firm(suite)
    for role, examples in (("admin", "2"), ("auditor", "1")):
        run = run_schemathesis(suite, role, tmp_path, "--max-examples", examples, "--phases", "fuzzing", "--seed", "1")
        assert not run.failed, run.output
        assert run.by_class()["5xx"] == 0
        assert run.requests > 100
        assert run.accepted > MIN_ACCEPTED_SHARE
