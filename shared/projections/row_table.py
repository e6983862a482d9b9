"""Table of a projection: `key`, the row as JSON text, and a sortable text per column.

With history, each row also has the position `valid_from` since which it is valid, and a second table has
the past rows, each with the position `valid_to` until which it was valid.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from shared.codec import decode_untyped, encode
from shared.projections.database import Session
from shared.projections.sort_encoding import encode_sortable

CHUNK_SIZE = 1_000

Entry = tuple[str, ...]
"""A row as it is stored: key, JSON text, column texts, words to search, the position since it is valid."""


def encode_log_position(position: int) -> str:
    """Return a position of the log as a text that sorts like the number."""
    return f"{position:015}"


class RowTableSql:
    """SQL statements of a projection on one table, and the stored form of its rows."""

    def __init__(self, name: str, column_types: Mapping[str, type], search: Sequence[str], has_history: bool) -> None:
        self.name = name
        self.column_types = column_types
        self._search_fields = search
        self.history_table = f"{name}_history" if has_history else None
        search = ["search_text"] if search else []
        self.text_columns = [*self.column_types, *search]
        self.columns = ["key", "row", *(f"c_{column}" for column in self.column_types), *search]
        self.columns += ["valid_from"] if self.history_table else []
        select = f"SELECT {', '.join(self.columns)} FROM {name}"  # noqa: S608 (names are the code's own)
        self.select_one = f"{select} WHERE key=?"
        self.select_chunk = f"{select} WHERE key>? ORDER BY key LIMIT {CHUNK_SIZE}"
        self.select_where = f"{select} WHERE "

    def create(self, session: Session) -> None:
        columns = "".join(f", {name} {session.text_type} NOT NULL" for name in self.columns[2:])
        session.execute(f"CREATE TABLE {self.name} (key {session.text_type} PRIMARY KEY, row TEXT NOT NULL{columns})")
        if self.history_table:
            columns = f"key {session.text_type}, row TEXT NOT NULL{columns}, valid_to {session.text_type} NOT NULL"
            session.execute(f"CREATE TABLE {self.history_table} ({columns})")

    def create_indexes(self, session: Session, columns: Iterable[str] | None = None) -> None:
        """Create indexes for filters and sorting; late, when the rows exist, which is faster."""
        for column in self.column_types if columns is None else columns:
            session.execute(f"CREATE INDEX IF NOT EXISTS {self.name}_{column} ON {self.name} (c_{column}, key)")
        if self.history_table:
            past = self.history_table
            session.execute(f"CREATE INDEX IF NOT EXISTS {past}_valid_to ON {past} (valid_to, valid_from)")

    @staticmethod
    def drop(session: Session, name: str) -> None:
        session.execute(f"DROP TABLE {name}")
        session.execute(f"DROP TABLE IF EXISTS {name}_history")

    def encode_row(self, key: str, row: dict[str, Any], since: str) -> Entry:
        """Return the stored form of a row. Raises ValueError for a value that its column cannot hold."""
        text = encode(row).decode()
        columns = [encode_sortable(kind, row.get(column)) for column, kind in self.column_types.items()]
        if self._search_fields:
            words = (str(row[each]) for each in self._search_fields if row.get(each) is not None)
            columns.append("\n".join(words).casefold().replace("\0", ""))
        if self.history_table:
            columns.append(since)
        return (key, text, *columns)

    def source_at(self, position: int) -> str:
        """Return the SQL source of the rows as of a position of the log."""
        at, names = encode_log_position(position), ", ".join(self.columns)
        current = f"SELECT {names} FROM {self.name} WHERE valid_from<='{at}'"  # noqa: S608 (names are the code's own)
        past = f"SELECT {names} FROM {self.history_table} WHERE valid_from<='{at}' AND valid_to>'{at}'"  # noqa: S608 (names are the code's own)
        return f"({current} UNION ALL {past}) AS known"

    def iterate_entries(self, session: Session) -> Iterator[Entry]:
        """Yield all entries in order of their keys."""
        after = ""
        while entries := session.execute(self.select_chunk, (after,)).fetchall():
            yield from entries
            after = entries[-1][0]

    def iterate_history(self, session: Session) -> Iterator[Entry]:
        """Yield past entries in order of `valid_to`; their key is `until <position> <key of the row>`."""
        if self.history_table is None:
            return
        query = f"""SELECT valid_to, key, {", ".join(self.columns[1:])} FROM {self.history_table}
            WHERE valid_to>? OR (valid_to=? AND key>?) ORDER BY valid_to, key LIMIT {CHUNK_SIZE}"""  # noqa: S608 (names are the code's own)
        after = ("", "", "")
        while entries := session.execute(query, after).fetchall():
            yield from ((f"until {until} {key}", *rest) for until, key, *rest in entries)
            after = entries[-1][0], *entries[-1][:2]


def decode_row(entry: Entry) -> dict[str, Any]:
    """Decode a stored row to plain JSON values."""
    row: dict[str, Any] = decode_untyped(entry[1])
    return row


def decode_rows_for_readers(rows: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return stored rows as readers get them: with their key as `id`."""
    return [{"id": key, **decode_untyped(text)} for key, text in rows]
