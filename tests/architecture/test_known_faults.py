"""Every known fault has a test that shows it mended, or stands in `tests/cases/open.toml` with its reason."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KNOWN = ROOT.parent / "shared" / "cases"
MARK = re.compile(r"mark\.case\(([^)]*)\)")
OF_THIS_SUITE = re.compile(r"^\| (H\d+|X\d+|C\d+|[EAUD]\d+) \||\*\*(B\d+)\*\*", re.MULTILINE)


def shown() -> set[str]:
    """Return the ids of the faults that tests name."""
    texts = (path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    return {each for text in texts for marks in MARK.findall(text) for each in re.findall(r'"(\w+)"', marks)}


def still_open() -> dict[str, str]:
    """Return the ids of the faults that have no test, each with the reason."""
    table = tomllib.loads((ROOT / "tests/cases/open.toml").read_text("utf-8"))
    return {fault: reason for reason, faults in table["because"].items() for fault in faults}


def test_no_fault_is_both_shown_and_open() -> None:
    assert shown() & still_open().keys() == set()


def test_every_known_fault_is_shown_or_open() -> None:
    if not KNOWN.exists():
        pytest.skip("the list of known faults is not next to this clone")
    known = {
        each for path in KNOWN.glob("*.md") for pair in OF_THIS_SUITE.findall(path.read_text("utf-8")) for each in pair
    }
    missing = known - {""} - shown() - still_open().keys()
    assert sorted(missing) == []
