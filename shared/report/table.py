"""One table of rows: `key`, the row as JSON text, and a sortable text per column."""

from collections.abc import Iterable, Iterator
from typing import Any

from shared.codec import decode_plain, encode
from shared.report.database import Session
from shared.report.definition import Report
from shared.report.sortable import sortable

CHUNK = 1_000

Entry = tuple[str, ...]
"""A row as it is stored: key, JSON text, column texts, words to search."""


class Table:
    """The statements of one report on one table, and the stored form of its rows."""

    def __init__(self, report: type[Report], name: str) -> None:
        self.name = name
        self.report = report.name
        self.kinds = report.kinds()
        self.texts = [*self.kinds, *(["words"] if report.search else [])]
        self._search = report.search
        columns = [f"c_{column}" for column in self.texts]
        names = ["key", "row", *columns]
        updates = ", ".join(f"{each}=excluded.{each}" for each in names[1:])
        self.names = ", ".join(names)
        self.upsert = (
            f"INSERT INTO {name} ({self.names}) VALUES ({', '.join('?' * len(names))}) "  # noqa: S608
            f"ON CONFLICT (key) DO UPDATE SET {updates}"
        )
        self.delete = f"DELETE FROM {name} WHERE key=?"  # noqa: S608
        self.one = f"SELECT {self.names} FROM {name} WHERE key=?"  # noqa: S608
        self.next = f"SELECT {self.names} FROM {name} WHERE key>? ORDER BY key LIMIT {CHUNK}"  # noqa: S608

    def make(self, session: Session) -> None:
        columns = "".join(f", c_{column} {session.text} NOT NULL" for column in self.texts)
        session.execute(f"CREATE TABLE {self.name} (key {session.text} PRIMARY KEY, row TEXT NOT NULL{columns})")

    def index(self, session: Session) -> None:
        """For what is filtered and sorted by; made when the rows are there, which is faster."""
        for column in self.kinds:
            session.execute(f"CREATE INDEX IF NOT EXISTS {self.name}_{column} ON {self.name} (c_{column}, key)")

    def entry(self, key: str, row: dict[str, Any]) -> Entry:
        """The stored form of a row. Raises ValueError for a value that its column cannot hold."""
        text = encode(row).decode()
        columns = [sortable(kind, row.get(column)) for column, kind in self.kinds.items()]
        if self._search:
            words = (str(row[each]) for each in self._search if row.get(each) is not None)
            columns.append("\n".join(words).casefold().replace("\0", ""))
        return (key, text, *columns)

    def place_of(self, column: str) -> int:
        """Where in an entry the text of a column stands."""
        return 2 + self.texts.index(column)

    def everything(self, session: Session) -> Iterator[Entry]:
        """All entries in order of their keys."""
        after = ""
        while entries := session.execute(self.next, (after,)).fetchall():
            yield from entries
            after = entries[-1][0]


def row_in(entry: Entry) -> dict[str, Any]:
    """The row of an entry, in plain JSON values."""
    row: dict[str, Any] = decode_plain(entry[1])
    return row


def keyed(rows: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """What readers get: the rows with their keys as `id`."""
    return [{"id": key, **decode_plain(text)} for key, text in rows]
