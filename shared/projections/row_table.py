"""Table of a projection: `key`, the stored parts of each column, words to search, and the row as JSON text.

With history, each row also has the position `valid_from` since which it is valid, and a second table has
the past rows, each with the position `valid_to` until which it was valid.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from shared.codec import decode_untyped, encode, encoded
from shared.projections.column_types import COLUMN_TYPES, INTEGER, TEXT, Stored, encode_column
from shared.projections.database import Session
from shared.texts import fold_text

CHUNK_SIZE = 1_000
KEY_LENGTH = 36
"""Length of an id, with which the keys of the rows of business days begin."""
ID_COLUMN = "id"
"""The key of a row, as readers get it."""

Entry = tuple[Stored, ...]
"""A row as it is stored: key, JSON text, column parts, words to search, the position since it is valid."""


StoredRow = tuple[str, str]
"""The key of a row and its JSON text."""


class StoredColumn(NamedTuple):
    """A column of a table: its name and its type in SQL."""

    name: str
    sql_type: str


class StoredTest(NamedTuple):
    """A condition that a stored column has a value."""

    name: str
    value: Stored


KEY, ROW = StoredColumn("key", TEXT), StoredColumn("row", TEXT)
SEARCH_TEXT, VALID_FROM, VALID_TO = (
    StoredColumn("search_text", TEXT), StoredColumn("valid_from", INTEGER), StoredColumn("valid_to", INTEGER),
)  # fmt: skip


class RowTableSql:
    """SQL statements of a projection on one table, and the stored form of its rows."""

    def __init__(
        self,
        name: str,
        column_types: Mapping[str, type],
        search: Sequence[str],
        has_history: bool,
        indexes: Sequence[tuple[str, ...]],
    ) -> None:
        self.name = name
        self._indexes = indexes
        self.column_types = column_types
        types = [(column, COLUMN_TYPES[kind]) for column, kind in column_types.items()]
        self._encoders = [(column, kind.encode, kind.absent) for column, kind in types]
        self._search_fields = search
        self.history_table = f"{name}_history" if has_history else None
        parts = [each for column, kind in column_types.items() for each in stored_columns(column, kind)]
        self.columns = [KEY, ROW, *parts, *([SEARCH_TEXT] if search else [])]
        self.columns += [VALID_FROM] if self.history_table else []
        self.names = [each.name for each in self.columns]
        select = f"SELECT {', '.join(self.names)} FROM {name}"  # noqa: S608 (names are the code's own)
        self.select_one = f"{select} WHERE key=?"
        self.select_chunk = f"{select} WHERE key>? ORDER BY key LIMIT {CHUNK_SIZE}"
        self.select_where = f"{select} WHERE "

    def create(self, session: Session) -> None:
        last = [*self.columns[2:], ROW]
        columns = "".join(f", {name} {session.sql_type(kind)} NOT NULL" for name, kind in last)
        session.execute(f"CREATE TABLE {self.name} (key {session.sql_type(TEXT)} PRIMARY KEY{columns})")
        if self.history_table:
            columns = f"key {session.sql_type(TEXT)}{columns}, valid_to {INTEGER} NOT NULL"
            session.execute(f"CREATE TABLE {self.history_table} ({columns})")

    def create_indexes(self, session: Session, indexes: Iterable[tuple[str, ...]] | None = None) -> None:
        """Create indexes for filters and sorting; late, when the rows exist, which is faster."""
        for columns in self._indexes if indexes is None else indexes:
            parts = [each.name for column in columns for each in stored_columns(column, self.column_types[column])]
            name = f"{self.name}_{'__'.join(columns)}"
            session.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {self.name} ({', '.join(parts)}, key)")
        if self.history_table:
            past = self.history_table
            session.execute(f"CREATE INDEX IF NOT EXISTS {past}_valid_to ON {past} (valid_to, valid_from)")

    @staticmethod
    def drop(session: Session, name: str) -> None:
        session.execute(f"DROP TABLE {name}")
        session.execute(f"DROP TABLE IF EXISTS {name}_history")

    def encode_row(self, key: str, row: dict[str, Any], since: int) -> Entry:
        """Return the stored form of a row. Raises ValueError for a value that its column cannot hold."""
        parts: list[Stored] = []
        for name, encode_value, absent in self._encoders:
            value = row.get(name)
            parts += absent if value is None else encode_value(value)
        if self._search_fields:
            words = (str(row[each]) for each in self._search_fields if row.get(each) is not None)
            parts.append(fold_text("\n".join(words)).replace("\0", ""))
        if self.history_table:
            parts.append(since)
        return (key, encode(row).decode(), *parts)

    def equality_tests(self, column: str, value: Any) -> list[StoredTest]:
        """Return the conditions that a column has this value."""
        kind = self.column_types[column]
        return [
            StoredTest(stored.name, part)
            for stored, part in zip(stored_columns(column, kind), encode_column(kind, value), strict=True)
        ]

    def source_at(self, position: int) -> str:
        """Return the SQL source of the rows as of a position of the log."""
        at, names = int(position), ", ".join(self.names)
        current = f"SELECT {names} FROM {self.name} WHERE valid_from<={at}"  # noqa: S608 (names are the code's own)
        past = f"SELECT {names} FROM {self.history_table} WHERE valid_from<={at} AND valid_to>{at}"  # noqa: S608 (names are the code's own)
        return f"({current} UNION ALL {past}) AS known"

    def source_on(self, rows: str, day: date) -> str:
        """Return the SQL source of the rows on a business day, from a source of rows that have `since` and `until`."""
        names = ", ".join(self.names[1:])
        on = f"c_since<>'' AND c_since<='{day}' AND (c_until='' OR c_until>'{day}')"
        return f"(SELECT substr(key, 1, {KEY_LENGTH}) AS key, {names} FROM {rows} WHERE {on}) AS on_day"  # noqa: S608 (names are the code's own)

    def iterate_entries(self, session: Session) -> Iterator[Entry]:
        """Yield all entries in order of their keys."""
        after: Stored = ""
        while entries := session.execute(self.select_chunk, (after,)).fetchall():
            yield from entries
            after = entries[-1][0]

    def iterate_history(self, session: Session) -> Iterator[Entry]:
        """Yield past entries in order of `valid_to`; their key is `until <position> <key of the row>`."""
        if self.history_table is None:
            return
        query = f"""SELECT valid_to, key, {", ".join(self.names[1:])} FROM {self.history_table}
            WHERE valid_to>? OR (valid_to=? AND key>?) ORDER BY valid_to, key LIMIT {CHUNK_SIZE}"""  # noqa: S608 (names are the code's own)
        after = (-1, -1, "")
        while entries := session.execute(query, after).fetchall():
            yield from ((f"until {until:015} {key}", *rest) for until, key, *rest in entries)
            after = entries[-1][0], *entries[-1][:2]


def stored_columns(column: str, column_type: type) -> list[StoredColumn]:
    """Return the stored columns of a declared column, in the order in which they sort."""
    return [StoredColumn(f"c_{column}{suffix}", kind) for suffix, kind in COLUMN_TYPES[column_type].parts]


def value_column(column: str, column_type: type) -> str:
    """Return the name of the stored column with the value of a declared column."""
    return stored_columns(column, column_type)[COLUMN_TYPES[column_type].value_part].name


def decode_row(entry: Entry) -> dict[str, Any]:
    """Decode a stored row to plain JSON values."""
    row: dict[str, Any] = decode_untyped(str(entry[1]))
    return row


def decode_for_readers(stored: StoredRow) -> dict[str, Any]:
    """Return a stored row as readers get it: with its key as `id`."""
    key, text = stored
    return {ID_COLUMN: key, **decode_untyped(text)}


def as_json_for_readers(stored: Iterable[StoredRow]) -> list[Any]:
    """Return stored rows as readers get them, for a response: they are not decoded."""
    return [encoded(_with_key(key, text)) for key, text in stored]


def _with_key(key: str, text: str) -> str:
    comma = "" if text == "{}" else ","
    return f'{{"{ID_COLUMN}":{encode(key).decode()}{comma}{text[1:]}'
