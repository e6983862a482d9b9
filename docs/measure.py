"""Sizes of files and functions, part by part. Exits with 1 if the functions of the rules are too long.

A file's lines are those with something on them; a function's are its own, from `def` on, without its docstring.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
PARTS = {
    "kernel (shared)": ("shared/**/*.py", ("shared/contracts/", "shared/testing/")),
    "contracts": ("shared/contracts/**/*.py", ()),
    "test harness": ("shared/testing/*.py", ()),
    "rules (domain)": ("services/**/domain/*.py", ()),
    "services, the rest": ("services/**/*.py", ("/domain/",)),
    "gateway": ("gateway/**/*.py", ()),
    "command line": ("cli/**/*.py", ()),
    "generated pages and checks": ("docs/*.py", ()),
    "bench": ("tests/bench/**/*.py", ()),
    "tests": ("tests/**/*.py", ("tests/bench/",)),
}
RULES = "rules (domain)"
LONGEST_RULE_MEDIAN, LONGEST_RULE_P90 = 5, 18


@dataclass(frozen=True)
class Size:
    """Sizes of the files and functions of one part."""

    files: list[int]
    functions: list[int]

    def __str__(self) -> str:
        files = f"{len(self.files):5} {sum(self.files):7,}   {_spread(self.files)}"
        return f"{files}   {len(self.functions):5}   {_spread(self.functions)}"

    @property
    def readable(self) -> bool:
        return median(self.functions) <= LONGEST_RULE_MEDIAN and p90(self.functions) <= LONGEST_RULE_P90


def size(pattern: str, without: tuple[str, ...]) -> Size:
    paths = [each for each in ROOT.glob(pattern) if not any(part in each.as_posix() for part in without)]
    texts = [path.read_text(encoding="utf-8") for path in sorted(paths)]
    files = [sum(1 for line in text.splitlines() if line.strip()) for text in texts]
    return Size([each for each in files if each], [length for text in texts for length in _functions(text)])


def _functions(text: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.end_lineno - node.lineno + 1 - _docstring(node.body[0])


def _docstring(first: ast.stmt) -> int:
    is_one = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return (first.end_lineno or 0) - first.lineno + 1 if is_one else 0


def p90(lengths: list[int]) -> int:
    """Return the length that nine in ten do not exceed."""
    return sorted(lengths)[-(-len(lengths) * 9 // 10) - 1]


def _spread(lengths: list[int]) -> str:
    return f"{median(lengths):6.0f} {p90(lengths):5}"


def main() -> int:
    """Print the table. Return 1 if functions of the rules are longer than allowed."""
    print(f"{'lines':20} files     all   a file: half  9/10   functions: half  9/10 not longer than")
    sizes = {name: size(*part) for name, part in PARTS.items()}
    for name, each in sizes.items():
        print(f"{name:20}{each}")
    if not sizes[RULES].readable:
        print(
            f"a function of the rules: half at most {LONGEST_RULE_MEDIAN} lines, nine in ten at most {LONGEST_RULE_P90}"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
