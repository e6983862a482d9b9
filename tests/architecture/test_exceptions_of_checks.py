"""Exceptions of the checks for types and style: each states its reason at its place."""

import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.how_to import ROOT

FOLDERS = ("cli", "docs", "gateway", "services", "shared")
EXCEPTION = re.compile(r"#\s*(?:type:\s*ignore|noqa)")
WITH_REASON = re.compile(
    r"# type: ignore\[[a-z-]+(?:, [a-z-]+)*\]  # \w.{3,}|# noqa: [A-Z]+[0-9]+(?:, [A-Z]+[0-9]+)* \(\w.{3,}\)"
)


def exceptions_in(file: Path) -> Iterator[str]:
    """Yield the comments of a file that make an exception."""
    with file.open("rb") as content:
        for token in tokenize.tokenize(content.readline):
            if token.type == tokenize.COMMENT and EXCEPTION.search(token.string):
                yield f"{file.relative_to(ROOT)}:{token.start[0]}: {token.string}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_exception_of_a_check_has_a_reason(folder: str) -> None:
    found = [each for file in sorted((ROOT / folder).rglob("*.py")) for each in exceptions_in(file)]
    assert [each for each in found if not WITH_REASON.search(each)] == []


def test_there_are_exceptions_to_check() -> None:
    assert (
        len([each for folder in FOLDERS for file in (ROOT / folder).rglob("*.py") for each in exceptions_in(file)]) > 10
    )


REASONS = {
    "x = 1  # type: ignore[assignment]": False,
    "x = 1  # type: ignore  # a reason": False,
    "x = 1  # noqa: A002": False,
    "x = 1  # noqa (a reason)": False,
    "x = 1  # type: ignore[assignment]  # a reason": True,
    "x = 1  # noqa: S608, SLF001 (a reason)": True,
}


@pytest.mark.parametrize(("line", "has_reason"), REASONS.items())
def test_an_exception_without_a_reason_is_found(line: str, has_reason: bool) -> None:
    assert bool(WITH_REASON.search(line)) == has_reason
    assert EXCEPTION.search(line)
