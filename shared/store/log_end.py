"""The end of the log before a commit: known, or only to the database while the commit is written."""

from dataclasses import dataclass

from shared.store.sql import Values


@dataclass(frozen=True, slots=True)
class KnownLogEnd:
    """A known end of the log: the newest event, its recorded time and the newest published event."""

    position: int
    recorded_at: int
    published: int

    def position_of(self, nth: int) -> int:
        """Return the position of the nth event of the commit, counted from 1."""
        return self.position + nth

    def not_before(self, micros: int) -> int:
        """Return this time, or that of the newest event if it is later: recorded time never decreases."""
        return max(micros, self.recorded_at)


@dataclass(frozen=True, slots=True)
class LogEndExpression:
    """An SQL expression for a value that follows from the end of the log, over `newest`, with its values."""

    term: str
    values: Values = ()


class LogEndInSql:
    """The end of the log as SQL expressions in the rows to be written: only the database will know it."""

    published = LogEndExpression("(SELECT published FROM newest)")

    def position_of(self, nth: int) -> LogEndExpression:
        return LogEndExpression(f"(SELECT position FROM newest) + {nth}")  # noqa: S608 (a number)

    def not_before(self, micros: int) -> LogEndExpression:
        return LogEndExpression("greatest((SELECT recorded_at FROM newest), ?)", [micros])


LogEnd = LogEndInSql | KnownLogEnd

SELECT_LOG_END = """SELECT coalesce(position, 0) AS position, coalesce(recorded_at, 0) AS recorded_at, published
    FROM (SELECT coalesce(max(position), 0) AS published FROM outbox) AS outbox_end
    LEFT JOIN (SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1) AS newest_event ON true"""
