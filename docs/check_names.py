"""Check names: no private name is imported from another file, and no name in `shared/` is a word of the business.

A word of the business is the name of an aggregate of a service, or one of `MORE_WORDS`. The contracts between the
services in `shared/contracts/` speak of the business and are left out. Exits with 1 if a name is wrong.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("services", "gateway", "shared", "cli")
MORE_WORDS = frozenset({
    "credit", "debit", "goods", "invoice", "ledger", "payable", "purchase", "receivable", "sales", "shipment", "sku",
    "stock", "vendor",
})  # fmt: skip
TECHNICAL_TOO = frozenset({"item", "supply"})
"""Names of aggregates that code without any business has as well: the items of a mapping."""


def main(root: Path = ROOT) -> int:
    """Print one line for each wrong name."""
    found = [*private_imports(root), *business_words(root)]
    for line in found:
        print(line)
    return 1 if found else 0


def private_imports(root: Path) -> Iterator[str]:
    """Yield each import of a name with a leading underscore."""
    for file, tree in _trees(root, PRODUCT):
        for node in ast.walk(tree):
            for alias in node.names if isinstance(node, ast.ImportFrom) else ():
                if alias.name.startswith("_"):
                    yield f"{file}:{node.lineno}: {alias.name} is private to {node.module}"


def business_words(root: Path) -> Iterator[str]:
    """Yield each name in shared code that contains a word of the business."""
    words = re.compile("|".join(f"(^|_){word}s?(_|$)" for word in sorted(MORE_WORDS | _aggregates(root))))
    for file, tree in _trees(root, ("shared",)):
        if not file.startswith("shared/contracts/"):
            for line, name in _names(tree):
                if words.search(_snake(name)):
                    yield f"{file}:{line}: {name} is a word of the business"


def _aggregates(root: Path) -> frozenset[str]:
    """Return the names of all aggregates of the services, in snake case."""
    classes = (each for _, tree in _trees(root, ("services",)) for each in ast.walk(tree))
    names = {
        _snake(each.name)
        for each in classes
        if isinstance(each, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id == "Aggregate" for b in each.bases)
    }
    return frozenset(names) - TECHNICAL_TOO


def _names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield every name that the code defines or uses, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield node.lineno, name
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
                yield node.lineno, name
            case ast.keyword(arg=str(name)):
                yield node.lineno, name


def _trees(root: Path, folders: tuple[str, ...]) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for file in sorted((root / folder).rglob("*.py")):
            yield file.relative_to(root).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


if __name__ == "__main__":
    sys.exit(main())
