"""The end of the log before a commit: known, or only to the database while the commit is written."""

from dataclasses import dataclass
from typing import Any

from shared.store.sql import Values


@dataclass(frozen=True, slots=True)
class PositionOfNth:
    """Placeholder in a row: the position of the nth event of the commit, counted from 1."""

    nth: int


@dataclass(frozen=True, slots=True)
class LastPublished:
    """Placeholder in a row: the position of the newest published event before the commit."""


@dataclass(frozen=True, slots=True)
class NotBefore:
    """Placeholder in a row: this time, or that of the newest event if it is later."""

    micros: int


class UnknownLogEnd:
    """An end of the log that only the database will know: rows contain placeholders."""

    published = LastPublished()
    position_of, not_before = PositionOfNth, NotBefore


UNKNOWN_LOG_END = UnknownLogEnd()


@dataclass(frozen=True, slots=True)
class ResolvedLogEnd:
    """A known end of the log: the newest event, its recorded time and the newest published event."""

    position: int = 0
    recorded_at: int = 0
    published: int = 0

    def position_of(self, nth: int) -> int:
        return self.position + nth

    def not_before(self, micros: int) -> int:
        """Return this time, or that of the newest event if it is later: recorded time never decreases."""
        return max(micros, self.recorded_at)

    def resolve_row(self, row: Values) -> list[Any]:
        """Return the row with its placeholders replaced."""
        return [self._resolve(value) for value in row]

    def _resolve(self, value: Any) -> Any:
        match value:
            case PositionOfNth(nth):
                return self.position_of(nth)
            case LastPublished():
                return self.published
            case NotBefore(micros):
                return self.not_before(micros)
        return value


LogEnd = UnknownLogEnd | ResolvedLogEnd

SELECT_LOG_END = """SELECT position, recorded_at, (SELECT coalesce(max(position), 0) FROM outbox) AS published
    FROM events ORDER BY position DESC LIMIT 1"""
