"""Private parts of the eventsourcing library: used in one file, and present in the installed version."""

import ast
from importlib.metadata import version
from pathlib import Path

import eventsourcing.domain
import pytest

from shared.domain import Aggregate, event
from tests.architecture.how_to import ROOT

USER = Path("shared/domain/aggregate.py")
ATTRIBUTES = frozenset({"_created_on", "_id", "_modified_on", "_pending_events", "_version"})
METHODS = frozenset({"__base_init__", "_create"})
REGISTRIES = frozenset({"CommandMethodDecorator", "decorated_func_callers", "decorated_funcs"})
MISSING = f"eventsourcing {version('eventsourcing')} has no {{}}, which {USER.as_posix()} uses: adapt that file"


class Kettle(Aggregate):
    @event("Filled")
    def __init__(self) -> None:
        self.is_hot = False


@pytest.mark.parametrize("name", sorted(ATTRIBUTES))
def test_the_library_keeps_the_state_of_an_aggregate_in_these_attributes(name: str) -> None:
    library_aggregate = eventsourcing.domain.Aggregate()
    assert name in vars(library_aggregate), MISSING.format(f"attribute {name} of an aggregate")
    assert name in vars(Kettle()), MISSING.format(f"attribute {name} of an aggregate")


@pytest.mark.parametrize("name", sorted(METHODS))
def test_the_library_creates_aggregates_by_these_methods(name: str) -> None:
    assert hasattr(eventsourcing.domain.Aggregate, name), MISSING.format(f"method Aggregate.{name}")


@pytest.mark.parametrize("name", sorted(REGISTRIES))
def test_the_library_registers_decorated_methods_under_these_names(name: str) -> None:
    assert hasattr(eventsourcing.domain, name), MISSING.format(f"eventsourcing.domain.{name}")


def test_one_file_uses_private_parts_of_the_library() -> None:
    names = ATTRIBUTES | REGISTRIES | {"__base_init__"}
    files = sorted(ROOT.glob("shared/**/*.py"))
    assert [file.relative_to(ROOT) for file in files if used_names(file) & names] == [USER]


def test_the_file_uses_the_listed_parts_and_no_other() -> None:
    tree = ast.parse((ROOT / USER).read_text(encoding="utf-8"))
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)} - METHODS
    private = {name for name in used_names(ROOT / USER) if name.startswith("_") and not is_special(name)}
    assert private - own == ATTRIBUTES | METHODS


def used_names(file: Path) -> set[str]:
    """Return the attributes that a file reads or writes, and the names it imports."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return attributes | {each.name for node in nodes if isinstance(node, ast.ImportFrom) for each in node.names}


def is_special(name: str) -> bool:
    """Return whether every class of Python has this attribute."""
    return hasattr(Path, name) or name in {"__dict__", "__name__"}
