"""Commands, requests and rules are typed: mypy knows every field, so that a misspelt one is a type error."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.how_to import IGNORED_FOLDERS, ROOT

SERVICES = ("crm", "srm", "scm", "erp")
PATTERNS = ("*/*/api.py", "*/*/api/*.py", "*/*/commands.py", "*/*/master_data.py", "*/*/domain/*.py")
UPCAST = "upcast_"
"""Prefix of the methods that change stored states of former versions, which have no type any more."""

OWN = ("services.", "shared.domain")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def files() -> list[Path]:
    own = [ROOT / "gateway" / "access" / name for name in ("application.py", "access_key.py")]
    return [*own, *sorted(file for pattern in PATTERNS for file in (ROOT / "services").glob(pattern))]


def untyped(tree: ast.AST) -> Iterator[int]:
    """Yield the line of each parameter, field, result and name of a type that has `Any`, and of each `**kwargs`."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name.startswith(UPCAST):
                continue
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _untyped_signature(node)
            case ast.AnnAssign(annotation=annotation) if isinstance(tree, ast.ClassDef | ast.Module):
                yield from _lines_with_any(annotation)
            case ast.Assign(value=value) if isinstance(tree, ast.Module):
                yield from _lines_with_any(value)
        yield from untyped(node)


def _untyped_signature(function: Function) -> Iterator[int]:
    given = function.args
    if given.kwarg:
        yield given.kwarg.lineno
    annotated = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, [given.vararg])]
    for annotation in filter(None, [*(each.annotation for each in annotated), function.returns]):
        yield from _lines_with_any(annotation)


def _lines_with_any(annotation: ast.AST) -> Iterator[int]:
    """Yield the line of an annotation, or of the value of a name of a type, that has `Any`, also in quotes."""
    if re.search(r"\bAny\b", ast.unparse(annotation)):
        yield annotation.lineno  # type: ignore[attr-defined]  # every expression has a line


def test_parameters_fields_and_results_are_typed() -> None:
    found = {
        f"{file.relative_to(ROOT).as_posix()}:{line}"
        for file in files()
        for line in untyped(ast.parse(file.read_text(encoding="utf-8")))
    }
    assert sorted(found) == [], "give them types of shared.fields or of the domain"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("def draft(body: dict[str, Any]) -> Reply: ...", [1]),
        ("def draft(body: Draft) -> Any: ...", [1]),
        ("def draft(*lines: 'Any') -> Reply: ...", [1]),
        ("def draft(code: str, **agreed: str) -> Reply: ...", [1]),
        ("class Draft:\n    code: str\n    lines: Sequence[dict[str, Any]]", [3]),
        ("class Draft:\n    def place(self, on: Any) -> None: ...", [2]),
        ("Records = Sequence[dict[str, Any]]", [1]),
        ("class Order:\n    def upcast_v1_v2(state: dict[str, Any]) -> None: ...", []),
        ("def draft(body: Draft, *, on: date) -> Reply:\n    by_line: dict[Any, int] = {}", []),
    ],
)
def test_untyped_parameters_fields_and_results_are_found(source: str, lines: list[int]) -> None:
    assert list(untyped(ast.parse(source))) == lines


# -- misspelt fields


@dataclass(frozen=True)
class FieldUse:
    """The use of a field of a parameter in a file of commands: `order.supplier_id`."""

    file: Path
    node: ast.Attribute
    is_of_request: bool
    """Whether the class of the parameter is declared in the same file, as requests are."""

    @property
    def misspelt(self) -> str:
        return f"{self.node.attr}_misspelt"

    def write_misspelt(self, source_tree: Path) -> None:
        """Misspell the field in the copy of the file."""
        lines = (source_tree / self.file).read_bytes().splitlines(keepends=True)
        assert self.node.end_lineno
        place, end = self.node.end_lineno - 1, self.node.end_col_offset
        lines[place] = lines[place][:end] + b"_misspelt" + lines[place][end:]
        (source_tree / self.file).write_bytes(b"".join(lines))


def field_uses(service: str) -> list[FieldUse]:
    """Return the uses of fields of parameters in the commands of a service, those of requests first."""
    found = [
        FieldUse(file.relative_to(ROOT), node, is_of_request)
        for file in sorted((ROOT / "services" / service).glob("*/commands.py"))
        for node, is_of_request in _fields_in(ast.parse(file.read_text(encoding="utf-8")))
    ]
    return sorted(found, key=lambda use: not use.is_of_request)


def _fields_in(tree: ast.Module) -> Iterator[tuple[ast.Attribute, bool]]:
    declared = {each.name for each in tree.body if isinstance(each, ast.ClassDef)}
    imports = [each for each in tree.body if isinstance(each, ast.ImportFrom) and str(each.module).startswith(OWN)]
    imported = {alias.name for each in imports for alias in each.names}
    for function in (each for each in ast.walk(tree) if isinstance(each, Function)):
        classes = {each.arg: each.annotation.id for each in function.args.args if isinstance(each.annotation, ast.Name)}
        methods = {id(each.func) for each in ast.walk(function) if isinstance(each, ast.Call)}
        for node in ast.walk(function):
            match node:
                case ast.Attribute(value=ast.Name(id=name)) if id(node) not in methods:
                    if classes.get(name) in declared | imported:
                        yield node, classes[name] in declared


def test_a_misspelt_field_is_a_type_error(tmp_path: Path) -> None:
    """One field is misspelt in the commands of each service; mypy names every one of them, and nothing else."""
    for folder in ("services", "shared"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=IGNORED_FOLDERS)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    uses = [use for service in SERVICES for use in field_uses(service)[:1]]
    for use in uses:
        use.write_misspelt(tmp_path)
    command = [sys.executable, "-m", "mypy", "--follow-imports=silent", *(str(use.file) for use in uses)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    errors = re.findall(r"^(\S+?):\d+: error: .* has no attribute \"(\w+)\"", done.stdout, flags=re.MULTILINE)
    assert sorted(errors) == sorted((str(use.file), use.misspelt) for use in uses), done.stdout + done.stderr
    assert len(uses) > 1
