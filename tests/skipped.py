"""Skipped tests: in `.ci/run` each is a failure, unless `skipped.toml` allows its reason."""

import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

ALLOWED = Path(__file__).with_name("skipped.toml")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run with the variable `CI` in which a test was skipped for another reason than an allowed one."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and unexpected(skip_reasons(reporter)):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def write_unexpected(reporter: Any) -> None:
    """Print the skipped tests that fail the run, with their reasons."""
    found = unexpected(skip_reasons(reporter)) if os.environ.get("CI") else []
    if found:
        reporter.section("skipped, which fails this run unless tests/skipped.toml allows it", red=True)
    for each in found:
        reporter.write_line(each)


def skip_reasons(reporter: Any) -> list[str]:
    """Return the reason of each skipped test."""
    reports = reporter.stats.get("skipped", [])
    return [str(each.longrepr[2] if isinstance(each.longrepr, tuple) else each.longrepr) for each in reports]


def unexpected(reasons: Iterable[str]) -> list[str]:
    """Return the reasons that no pattern of the list allows."""
    allowed = [re.compile(each["reason"]) for each in tomllib.loads(ALLOWED.read_text())["allowed"]]
    return [each for each in reasons if not any(pattern.search(each) for pattern in allowed)]
