"""What `sihe doctor` finds: each finding is in order, worth a look, or wrong with what to do."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from cli.text_table import Column, table_lines


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One line of the examination."""

    level: Level
    subject: str
    text: str


def ok(subject: str, text: str) -> Finding:
    return Finding(Level.OK, subject, text)


def warning(subject: str, text: str) -> Finding:
    return Finding(Level.WARNING, subject, text)


def wrong(subject: str, text: str) -> Finding:
    return Finding(Level.WRONG, subject, text)


def finding_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield the findings as a table and a last line with their number by level."""
    found = list(findings)
    columns = [Column("State"), Column("Subject"), Column("Finding")]
    yield from table_lines(columns, [(each.level.value, each.subject, each.text) for each in found])
    counts = {level: sum(each.level == level for each in found) for level in Level}
    yield f"{counts[Level.OK]} ok, {counts[Level.WARNING]} to look at, {counts[Level.WRONG]} wrong."
