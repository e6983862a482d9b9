"""The rows of one report while a part of the log is folded into them."""

from collections.abc import Collection
from typing import Any

from shared.report.database import Database, Session
from shared.report.sortable import sortable
from shared.report.table import Entry, Table, place, row_in

REMEMBERED = 20_000


class Rows:
    """`key → row`, like a dict. Rows come back in their JSON form: ids, dates and decimals as texts.

    A row taken out and changed is only changed once it is put back. Keys may be texts or ids.
    What changes, changes `at` the place of the event that is being folded.
    """

    def __init__(self, database: Database, table: Table) -> None:
        self._database = database
        self._table = table
        self._known: dict[str, Entry | None] = {}
        self._changed: set[str] = set()
        self._indexed: set[str] = set()
        self._fell: list[Entry] = []
        self._stood: dict[str, str] = {}
        self.at = place(0)

    def _entry(self, key: str) -> Entry | None:
        if key not in self._known:
            found = self._database.query(self._table.one, (key,))
            self._known[key] = found[0] if found else None
        return self._known[key]

    def get(self, key: object, default: Any = None) -> Any:
        """The row, or the default."""
        entry = self._entry(str(key))
        return row_in(entry) if entry else default

    def __getitem__(self, key: object) -> dict[str, Any]:
        entry = self._entry(str(key))
        if entry is None:
            raise KeyError(key)
        return row_in(entry)

    def __contains__(self, key: object) -> bool:
        return self._entry(str(key)) is not None

    def __setitem__(self, key: object, row: dict[str, Any]) -> None:
        name = str(key)
        self._put(name, self._table.entry(name, row, self.at))

    def _put(self, key: str, entry: Entry | None) -> None:
        if self._table.past:
            self._fall(key)
        self._known[key] = entry
        self._changed.add(key)

    def _fall(self, key: str) -> None:
        """The row as it stood until now, in the table or since an event before, is one of the past."""
        if key not in self._changed:
            self._stood[key] = self.at
        elif (before := self._known[key]) and before[-1] != self.at:
            self._fell.append((*before, self.at))

    def pop(self, key: object, default: Any = None) -> Any:
        """The row, which is no longer there, or the default."""
        row = self.get(key, default)
        self._put(str(key), None)
        return row

    def find(self, **columns: Any) -> list[tuple[str, dict[str, Any]]]:
        """The rows whose columns have these values, by key."""
        wanted = {column: sortable(self._table.kinds[column], value) for column, value in columns.items()}
        self._index(wanted)
        conditions = " AND ".join(f"c_{column}=?" for column in wanted)
        entries = self._database.query(self._table.where + conditions, tuple(wanted.values()))
        found: dict[str, Entry] = {entry[0]: entry for entry in entries if entry[0] not in self._changed}
        places = {self._table.place_of(column): value for column, value in wanted.items()}
        for key in self._changed:
            entry = self._known[key]
            if entry and all(entry[place] == value for place, value in places.items()):
                found[key] = entry
        return [(key, row_in(found[key])) for key in sorted(found)]

    def _index(self, columns: Collection[str]) -> None:
        if not self._indexed.issuperset(columns):
            with self._database.writing() as session:
                self._table.index(session, columns)
            self._indexed.update(columns)

    def write(self, session: Session) -> None:
        """Put what has changed into the table, and what it takes the place of among those of the past."""
        if self._table.past:
            self._write_past(session, self._table.past)
        changed = [(key, self._known[key]) for key in sorted(self._changed)]
        kept = [entry for _, entry in changed if entry]
        if kept:
            session.upsert(self._table.name, self._table.names, kept)
        session.delete(self._table.name, [key for key, entry in changed if not entry])

    def _write_past(self, session: Session, past: str) -> None:
        names = self._table.names
        if self._stood:
            session.keep_past(self._table.name, past, names, [(until, key) for key, until in self._stood.items()])
        if self._fell:
            session.insert(past, [*names, "valid_to"], self._fell)

    def written(self) -> None:
        """What was written is safe: remember it, within bounds."""
        self._settle()
        if len(self._known) > REMEMBERED:
            self._known.clear()

    def forget(self) -> None:
        """Nothing that is remembered is certain any more."""
        self._known.clear()
        self._settle()

    def _settle(self) -> None:
        self._changed.clear()
        self._fell.clear()
        self._stood.clear()
