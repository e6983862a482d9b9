"""The end of the log before a commit: known, or only to the database while the commit is written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared.store.sql import Values


@dataclass(frozen=True, slots=True)
class ResolvedLogEnd:
    """A known end of the log: the newest event, its recorded time and the newest published event."""

    position: int = 0
    recorded_at: int = 0
    published: int = 0

    def position_of(self, nth: int) -> int:
        """Return the position of the nth event of the commit, counted from 1."""
        return self.position + nth

    def not_before(self, micros: int) -> int:
        """Return this time, or that of the newest event if it is later: recorded time never decreases."""
        return max(micros, self.recorded_at)

    def resolve_row(self, row: Values) -> list[Any]:
        """Return the row with its placeholders replaced."""
        return [value.resolve(self) if isinstance(value, Placeholder) else value for value in row]


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A value that follows from the end of the log: as an SQL term over `newest` with its values, or resolved."""

    term: str
    resolve: Callable[[ResolvedLogEnd], int]
    values: Values = ()


class UnknownLogEnd:
    """An end of the log that only the database will know: rows contain placeholders."""

    published = Placeholder("(SELECT published FROM newest)", lambda end: end.published)

    def position_of(self, nth: int) -> Placeholder:
        return Placeholder(f"(SELECT position FROM newest) + {nth}", lambda end: end.position_of(nth))  # noqa: S608

    def not_before(self, micros: int) -> Placeholder:
        term = "greatest((SELECT recorded_at FROM newest), ?)"
        return Placeholder(term, lambda end: end.not_before(micros), [micros])


UNKNOWN_LOG_END = UnknownLogEnd()

LogEnd = UnknownLogEnd | ResolvedLogEnd

SELECT_LOG_END = """SELECT position, recorded_at, (SELECT coalesce(max(position), 0) FROM outbox) AS published
    FROM events ORDER BY position DESC LIMIT 1"""
