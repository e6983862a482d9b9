"""Rows of one projection while a batch of the log is applied to them."""

from collections.abc import Collection
from typing import Any

from shared.projections.database import Database, Session
from shared.projections.row_table import VALID_TO, Entry, RowTableSql, decode_row

MAX_CACHED_ROWS = 20_000


class Rows:
    """Rows of one table of a projection, as a mapping of key to row in JSON form: ids, dates, decimals are texts.

    Changes to a returned row take effect when it is assigned again. Keys may be texts or ids.
    `current_position` is that of the event being applied, at which changes are recorded.
    """

    def __init__(self, database: Database, table: RowTableSql) -> None:
        self._database = database
        self._table = table
        self._cache: dict[str, Entry | None] = {}
        self._changed: set[str] = set()
        self._indexed: set[str] = set()
        self._ended_entries: list[Entry] = []
        self._ended_stored_keys: dict[str, int] = {}
        self.current_position = 0

    def _entry(self, key: str) -> Entry | None:
        if key not in self._cache:
            found = self._database.query(self._table.select_one, (key,))
            self._cache[key] = found[0] if found else None
        return self._cache[key]

    def get(self, key: object, default: Any = None) -> Any:
        """Return the row, or the default."""
        entry = self._entry(str(key))
        return decode_row(entry) if entry else default

    def __getitem__(self, key: object) -> dict[str, Any]:
        entry = self._entry(str(key))
        if entry is None:
            raise KeyError(key)
        return decode_row(entry)

    def __contains__(self, key: object) -> bool:
        return self._entry(str(key)) is not None

    def __setitem__(self, key: object, row: dict[str, Any]) -> None:
        name = str(key)
        self._put(name, self._table.encode_row(name, row, self.current_position))

    def _put(self, key: str, entry: Entry | None) -> None:
        if self._table.history_table:
            self._end_previous(key)
        self._cache[key] = entry
        self._changed.add(key)

    def _end_previous(self, key: str) -> None:
        """Record the row that was valid until now, in the table or since an earlier event, as a past row."""
        if key not in self._changed:
            self._ended_stored_keys[key] = self.current_position
        elif (before := self._cache[key]) and before[-1] != self.current_position:
            self._ended_entries.append((*before, self.current_position))

    def pop(self, key: object, default: Any = None) -> Any:
        """Remove and return the row, or return the default."""
        row = self.get(key, default)
        self._put(str(key), None)
        return row

    def list_where(self, **columns: Any) -> list[tuple[str, dict[str, Any]]]:
        """Return keys and rows whose columns have these values, in order of the keys."""
        tests = [test for column, value in columns.items() for test in self._table.equality_tests(column, value)]
        self._index(columns)
        conditions = " AND ".join(f"{each.name}=?" for each in tests)
        entries = self._database.query(self._table.select_where + conditions, [each.value for each in tests])
        found: dict[str, Entry] = {entry[0]: entry for entry in entries if entry[0] not in self._changed}
        places = {self._table.names.index(each.name): each.value for each in tests}
        for key in self._changed:
            entry = self._cache[key]
            if entry and all(entry[place] == value for place, value in places.items()):
                found[key] = entry
        return [(key, decode_row(found[key])) for key in sorted(found)]

    def _index(self, columns: Collection[str]) -> None:
        if not self._indexed.issuperset(columns):
            with self._database.transaction() as session:
                self._table.create_indexes(session, [(each,) for each in columns])
            self._indexed.update(columns)

    def write_changes(self, session: Session) -> None:
        """Write the changed rows to the table, and the rows they replace to the past rows."""
        if self._table.history_table:
            self._write_past(session, self._table.history_table)
        changed = [(key, self._cache[key]) for key in sorted(self._changed)]
        kept = [entry for _, entry in changed if entry]
        if kept:
            session.upsert(self._table.name, self._table.columns, kept)
        session.delete(self._table.name, [key for key, entry in changed if not entry])

    def _write_past(self, session: Session, past: str) -> None:
        if self._ended_stored_keys:
            ends = [(until, key) for key, until in self._ended_stored_keys.items()]
            session.copy_to_history(self._table.name, past, self._table.names, ends)
        if self._ended_entries:
            session.insert(past, [*self._table.columns, VALID_TO], self._ended_entries)

    def mark_written(self) -> None:
        """Keep the written rows in the cache, within its limit."""
        self._clear_changes()
        if len(self._cache) > MAX_CACHED_ROWS:
            self._cache.clear()

    def reset(self) -> None:
        """Discard all cached rows and changes."""
        self._cache.clear()
        self._clear_changes()

    def _clear_changes(self) -> None:
        self._changed.clear()
        self._ended_entries.clear()
        self._ended_stored_keys.clear()
