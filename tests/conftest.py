"""Fixtures and settings of all tests."""

import os

import pytest
from hypothesis import settings

from shared.testing.memory import fast_folder
from shared.testing.postgres import postgres, postgres_database, postgres_url
from tests.skipped import pytest_sessionfinish
from tests.tiers import pytest_collection_modifyitems, pytest_terminal_summary

__all__ = [
    "postgres",
    "postgres_database",
    "postgres_url",
    "pytest_collection_modifyitems",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
]

# Examples have no deadline: their duration depends on the machine. If CI is set, examples are the same in every run.
settings.register_profile("house", parent=settings(), deadline=None)
settings.load_profile("house")

CHECKS = ("access", "batches", "commands", "input", "lists", "records", "sheets", "unique")
pytest.register_assert_rewrite(*(f"tests.unit.resources.checks_{each}" for each in CHECKS))  # shows compared values


def pytest_configure(config: pytest.Config) -> None:
    """Leave out the tests that take minutes unless they are chosen, and keep the files of tests in memory."""
    chosen = config.option.markexpr
    if "long" not in chosen:
        config.option.markexpr = f"({chosen}) and not long" if chosen else "not long"
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(fast_folder()))
