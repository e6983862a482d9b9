"""Stored names that stand in calls and statements: claims, series, derived ids, tables, files. Found in the source."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

CALLS = {
    "reserve_unique": ("unique value", 3, 0),
    "next_number": ("number series", 1, 0),
    "derived_id": ("derived id", None, 0),
    "schedule": ("timer note", 4, 3),
}
"""For each call: the kind of word, how many arguments it takes (none: any number), and which of them is the word."""
AGGREGATE_ID = "derive_id"
"""The function that gives `derived_id` the registered name of an aggregate, which is listed as such."""
RECEIVERS = {"derived_id": {""}}
UNIT_OF_WORK = {"self", "uow", "self.uow"}
DDL = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?([\w{}.]+) \((.*?)\)(?=\s*(?:WITHOUT|WITH|\{|;|$))", re.DOTALL)
TYPES = re.compile(r"^(PRIMARY|UNIQUE|CONSTRAINT|CHECK|FOREIGN)\b")


class UnresolvedName(Exception):
    """Raised when the word of a call is neither a literal nor a constant of its module."""


@dataclass(frozen=True, order=True)
class Word:
    """A stored word, its kind, and the file that writes it."""

    kind: str
    word: str
    file: str


@dataclass(frozen=True)
class Source:
    """A Python file with its syntax tree and the name under which it is imported."""

    file: str
    module: str
    tree: ast.Module


def read_sources(root: Path, *folders: str, without: tuple[str, ...] = ()) -> Iterator[Source]:
    """Yield the Python files under these folders of `root`, except those under a path of `without`."""
    for path in sorted(path for folder in folders for path in (root / folder).rglob("*.py")):
        file = path.relative_to(root).as_posix()
        if not file.startswith(without):
            module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            yield Source(file, module, ast.parse(path.read_text(encoding="utf-8")))


def words(source: Source) -> Iterator[Word]:
    """Yield the word of every call in `CALLS`. Raises UnresolvedName."""
    for call, function in _calls(source.tree, ""):
        name, receiver = _called(call)
        kind, count, index = CALLS.get(name, ("", 0, 0))
        if (
            kind
            and receiver in RECEIVERS.get(name, UNIT_OF_WORK)
            and count in (None, len(call.args))
            and function not in (name, AGGREGATE_ID)
        ):
            yield Word(kind, _resolved(call.args[index], source), source.file)


def _calls(node: ast.AST, function: str) -> Iterator[tuple[ast.Call, str]]:
    """Yield each call with the function around it: one that hands on its own argument is called by its own name."""
    for child in ast.iter_child_nodes(node):
        inside = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
        if isinstance(child, ast.Call):
            yield child, function
        yield from _calls(child, inside)


def _called(call: ast.Call) -> tuple[str, str]:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr, ast.unparse(call.func.value)
    return ast.unparse(call.func), ""


def _resolved(node: ast.expr, source: Source) -> str:
    try:
        if isinstance(node, ast.Constant):
            return str(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            return _resolved(node.func.value, source)
        found = eval(ast.unparse(node), dict(vars(import_module(source.module))))  # noqa: S307 (our own source)
    except (NameError, AttributeError) as unknown:
        raise UnresolvedName(f"{source.file}:{node.lineno}: {ast.unparse(node)} is no constant") from unknown
    return str(found)


def texts(tree: ast.AST) -> Iterator[str]:
    """Yield every string of the source; what is filled in stays in braces."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(_part(each) for each in node.values)


def _part(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.FormattedValue)
    return f"{{{ast.unparse(node.value)}}}"


def tables(source: Source) -> Iterator[tuple[str, list[str]]]:
    """Yield each table that a statement of this file creates, with its columns."""
    for text in texts(source.tree):
        for name, body in DDL.findall(text):
            yield name, [each.split()[0] for each in _columns(body) if not TYPES.match(each)]


def _columns(body: str) -> list[str]:
    parts = re.sub(r"\([^()]*\)", "", body.replace("{columns}", ", {columns}")).split(",")
    return [" ".join(each.split()) for each in parts if each.strip()]


def file_names(source: Source) -> Iterator[str]:
    """Yield the names that this file appends to a folder, with `/`, or as a setting with `_file` or `_database`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            yield from _file_name(node.right)
        elif isinstance(node, ast.Call) and _called(node)[0] == "_file":
            yield "/".join(name for each in node.args[1:] for name in _file_name(each))
        elif isinstance(node, ast.Call) and _called(node)[0] == "_database":
            yield from (f"{name}.db" for name in _file_name(node.args[0]))


def _file_name(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.JoinedStr):
        yield "".join(_part(each) for each in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        yield from _file_name(node.func.value)


def dict_keys(source: Source, *functions: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each of these functions with the literal keys that it gives to a dict."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef) and node.name in functions:
            keys = [key for each in ast.walk(node) for key in _keys_in(each)]
            yield node.name, [str(key.value) for key in keys if isinstance(key, ast.Constant)]


def _keys_in(node: ast.AST) -> list[ast.expr | None]:
    if isinstance(node, ast.Dict):
        return list(node.keys)
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        return [node.slice]
    return []
