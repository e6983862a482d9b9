"""Tiers of tests and the groups that one worker of pytest-xdist runs together, both derived from what a test uses."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import pytest

from tests.reached import modules_reached
from tests.skipped import write_unexpected

TIERS = {
    "system": frozenset({"subprocess", "multiprocessing"}),
    "service": frozenset({"http.server", "socket", "sqlite3", "tempfile", "werkzeug.serving"}),
    "unit": frozenset[str](),
}
"""Each tier with the modules whose use puts a test into it, the slowest tier first."""

SYSTEM_FOLDERS = ("tests/faults/", "tests/integration/running/", "tests/integration/bad_input/")
FILE_FIXTURES = frozenset({"tmp_path", "tmp_path_factory"})
STARTED_PER_WORKER = frozenset({"postgres", "postgres_url"})
"""Fixtures of the whole run that are cheap enough for each worker to have its own."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark every test with its tier and its group; the slowest tier and the running suites of many tests come first."""
    orders: dict[pytest.Item, tuple[int, bool]] = {}
    for item in items:
        tier, suite = _tier(item), _shared_suite(item)
        item.add_marker(tier)
        item.user_properties.append(("tier", tier))
        if group := suite or (_file(item) if tier != "system" else None):
            _join(item, group, has_groups=config.getoption("loadgroup", default=False))
        orders[item] = list(TIERS).index(tier), suite is None
    items.sort(key=orders.__getitem__)


def _join(item: pytest.Item, group: str, *, has_groups: bool) -> None:
    """Put a test into a group, also in its id: there pytest-xdist reads it, but 3.8 cannot write it with pytest 9.2."""
    item.add_marker(pytest.mark.xdist_group(group))
    if has_groups and hasattr(item, "_id"):
        item._id = type(item._id).parse(f"{item.nodeid}@{group}")


def _tier(item: pytest.Item) -> str:
    if item.nodeid.startswith(SYSTEM_FOLDERS) or _has_postgres(item):
        return "system"
    fixtures = _fixtures(item)
    used = frozenset[str]().union(*(_modules(each.func) for each in fixtures.values()), _modules(_function(item)))
    for tier, modules in TIERS.items():
        if used & modules:
            return tier
    return "service" if FILE_FIXTURES & fixtures.keys() else "unit"


def _has_postgres(item: pytest.Item) -> bool:
    """Whether a parametrised fixture will request a PostgreSQL database."""
    return hasattr(item, "callspec") and "postgres" in item.callspec.params.values()


def _shared_suite(item: pytest.Item) -> str | None:
    """Return the group of the tests that use the same running suite; none if the test shares none."""
    for name, fixture in _fixtures(item).items():
        is_shared = fixture.scope in {"module", "session"} and name not in STARTED_PER_WORKER
        if is_shared and _modules(fixture.func) & TIERS["system"]:
            return str(fixture.baseid) if fixture.scope == "session" else _file(item)
    return None


def _fixtures(item: pytest.Item) -> dict[str, Any]:
    """Return the fixtures a test uses, directly or through others, by name."""
    found: dict[str, Any] = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]
    return {name: found[name][-1] for name in item.fixturenames if name in found}  # type: ignore[attr-defined]


def _function(item: pytest.Item) -> Callable[..., Any]:
    function: Callable[..., Any] = item.function  # type: ignore[attr-defined]
    return function


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


_modules = cache(modules_reached)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how many tests each tier has, the sum of their seconds and its share, and unexpected skips."""
    write_unexpected(terminalreporter)
    reports = [each for some in terminalreporter.stats.values() for each in some if isinstance(each, pytest.TestReport)]
    if not reports:
        return
    total = sum(each.duration for each in reports)
    terminalreporter.section("tiers")
    for tier in reversed(TIERS):
        terminalreporter.write_line(_line(tier, reports, total))


def _line(tier: str, reports: Iterable[pytest.TestReport], total: float) -> str:
    own = [each for each in reports if ("tier", tier) in each.user_properties]
    tests, seconds = {each.nodeid for each in own}, sum(each.duration for each in own)
    return f"{tier:8} {len(tests):6,} tests {seconds:8.1f} s {seconds / total:6.1%}"
