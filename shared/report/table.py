"""One table of rows: `key`, the row as JSON text, and a sortable text per column.

Where a report keeps its history, each row also has the position `valid_from` which it stands, and a second table has
the rows that no longer stand, each with the position `valid_to` which it stood.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from shared.codec import decode_plain, encode
from shared.report.database import Session
from shared.report.definition import Report
from shared.report.sortable import sortable

CHUNK = 1_000

Entry = tuple[str, ...]
"""A row as it is stored: key, JSON text, column texts, words to search, the position it stands since."""


def place(position: int) -> str:
    """A position of the log as a text that compares as it does."""
    return f"{position:015}"


class Table:
    """The statements of one report on one table, and the stored form of its rows."""

    def __init__(self, report: type[Report], name: str) -> None:
        self.name = name
        self.report = report.name
        self.kinds = report.kinds()
        self._kinds = list(self.kinds.items())
        self._search = report.search
        self.past = f"{name}_history" if report.history else None
        search = ["search_text"] if report.search else []
        self.texts = [*self.kinds, *search]
        self.names = ["key", "row", *(f"c_{column}" for column in self.kinds), *search]
        self.names += ["valid_from"] if self.past else []
        select = f"SELECT {', '.join(self.names)} FROM {name}"  # noqa: S608
        self.one = f"{select} WHERE key=?"
        self.next = f"{select} WHERE key>? ORDER BY key LIMIT {CHUNK}"
        self.where = f"{select} WHERE "

    def make(self, session: Session) -> None:
        columns = "".join(f", {name} {session.text} NOT NULL" for name in self.names[2:])
        session.execute(f"CREATE TABLE {self.name} (key {session.text} PRIMARY KEY, row TEXT NOT NULL{columns})")
        if self.past:
            columns = f"key {session.text}, row TEXT NOT NULL{columns}, valid_to {session.text} NOT NULL"
            session.execute(f"CREATE TABLE {self.past} ({columns})")

    def index(self, session: Session, columns: Iterable[str] | None = None) -> None:
        """For what is filtered, sorted or found by; made late, with the rows there, which is faster."""
        for column in self.kinds if columns is None else columns:
            session.execute(f"CREATE INDEX IF NOT EXISTS {self.name}_{column} ON {self.name} (c_{column}, key)")
        if self.past:
            session.execute(f"CREATE INDEX IF NOT EXISTS {self.past}_valid_to ON {self.past} (valid_to, valid_from)")

    @staticmethod
    def drop(session: Session, name: str) -> None:
        session.execute(f"DROP TABLE {name}")
        session.execute(f"DROP TABLE IF EXISTS {name}_history")

    def entry(self, key: str, row: dict[str, Any], since: str) -> Entry:
        """The stored form of a row. Raises ValueError for a value that its column cannot hold."""
        text = encode(row).decode()
        columns = [sortable(kind, row.get(column)) for column, kind in self._kinds]
        if self._search:
            words = (str(row[each]) for each in self._search if row.get(each) is not None)
            columns.append("\n".join(words).casefold().replace("\0", ""))
        if self.past:
            columns.append(since)
        return (key, text, *columns)

    def place_of(self, column: str) -> int:
        """Where in an entry the text of a column stands."""
        return 2 + self.texts.index(column)

    def as_known_at(self, position: int) -> str:
        """Where the rows are read from as they stood at this position of the log."""
        at, names = place(position), ", ".join(self.names)
        stood = f"SELECT {names} FROM {self.name} WHERE valid_from<='{at}'"  # noqa: S608
        fell = f"SELECT {names} FROM {self.past} WHERE valid_from<='{at}' AND valid_to>'{at}'"  # noqa: S608
        return f"({stood} UNION ALL {fell}) AS known"

    def everything(self, session: Session) -> Iterator[Entry]:
        """All entries in order of their keys."""
        after = ""
        while entries := session.execute(self.next, (after,)).fetchall():
            yield from entries
            after = entries[-1][0]

    def everything_past(self, session: Session) -> Iterator[Entry]:
        """All entries that no longer stand, in the order in which they fell, under that position and their key."""
        if self.past is None:
            return
        ask = f"""SELECT valid_to, key, {", ".join(self.names[1:])} FROM {self.past}
            WHERE valid_to>? OR (valid_to=? AND key>?) ORDER BY valid_to, key LIMIT {CHUNK}"""  # noqa: S608
        after = ("", "", "")
        while entries := session.execute(ask, after).fetchall():
            yield from ((f"{until} {key}", *rest) for until, key, *rest in entries)
            after = entries[-1][0], *entries[-1][:2]


def row_in(entry: Entry) -> dict[str, Any]:
    """The row of an entry, in plain JSON values."""
    row: dict[str, Any] = decode_plain(entry[1])
    return row


def keyed(rows: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """What readers get: the rows with their keys as `id`."""
    return [{"id": key, **decode_plain(text)} for key, text in rows]
