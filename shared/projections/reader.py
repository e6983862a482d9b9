"""Reader of a projection: filtered, sorted, and page by page without a repeated or missed row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from shared.projections.column_types import encode_column
from shared.projections.database import Database, TableMissing
from shared.projections.definition import Projection
from shared.projections.group_page import GroupPage, GroupWithPlace
from shared.projections.row_query import Cursor, Filters, RowSelection, Sort
from shared.projections.row_summary import RowSummary
from shared.projections.row_table import CHUNK_SIZE, StoredRow, decode_for_readers
from shared.projections.table_registry import TableState

Row = dict[str, Any]
Statement = tuple[str, list[Any]]


@dataclass(slots=True)
class RowReader:
    """Reads the rows of one projection. Rows are dicts of plain JSON values with their key as `id`.

    Absent values sort before all others. Rows with equal sort values are in order of `id`, in the
    direction of the last column; so every order is total and pages can end anywhere.
    """

    projection: type[Projection]
    database: Database
    serving_table: Callable[[type[Projection], bool], TableState]
    known_at: int | None = None
    day: date | None = None
    owner: str | None = None

    def as_of_position(self, position: int | None) -> "RowReader":
        """Return a reader as of a position of the log, for a projection with history; none = now."""
        if not self.projection.has_history:
            raise TypeError(f"the projection {self.projection.name} keeps no history")
        return replace(self, known_at=position)

    def on_day(self, day: date) -> "RowReader":
        """Return a reader of the rows on a business day, for a projection that has them."""
        if self.projection.by_day is None:
            raise TypeError(f"the projection {self.projection.name} has no rows of business days: set by_day")
        return replace(self, projection=self.projection.by_day, day=day)

    def for_owner(self, owner: str) -> "RowReader":
        """Return a reader that is limited to the rows of this owner."""
        if self.projection.owned_by is None:
            raise TypeError(f"the projection {self.projection.name} declares no owner: set owned_by")
        return replace(self, owner=owner)

    def get(self, key: object) -> Row | None:
        """Return the row with this key, or none."""
        found = self._query("SELECT key, row FROM {} WHERE key=?", [str(key)])
        return decode_for_readers(found[0]) if found else None

    def list_rows(
        self, where: Filters = None, sort: Sort = (), after: Cursor = None, limit: int = 50, q: str | None = None
    ) -> list[Row]:
        """Return a page, after the `cursor_of` the last row of the page before. Raises UnknownColumn."""
        return [decode_for_readers(each) for each in self.list_stored_rows(where, sort, after, limit, q)]

    def list_stored_rows(
        self, where: Filters = None, sort: Sort = (), after: Cursor = None, limit: int = 50, q: str | None = None
    ) -> list[StoredRow]:
        """Return a page as `list_rows` does, of keys with rows in JSON."""
        query = RowSelection(self.projection, where, sort, q)
        rows: list[StoredRow] = self._query(*query.select_page(after, limit), query.needs_columns)
        return rows

    def cursor_of(self, row: Mapping[str, Any], sort: Sort = ()) -> tuple[Any, ...]:
        """Return the cursor of a row in this order, in plain JSON values: the `after` of the next page."""
        return tuple(row.get(column) for column, _ in RowSelection(self.projection, sort=sort).order)

    def iterate_rows(self, where: Filters = None, sort: Sort = (), q: str | None = None) -> Iterator[Row]:
        """Yield every row, read page by page."""
        after: Cursor = None
        while page := self.list_rows(where, sort, after, CHUNK_SIZE, q):
            yield from page
            if len(page) < CHUNK_SIZE:
                return
            after = self.cursor_of(page[-1], sort)

    def count(self, where: Filters = None, q: str | None = None, up_to: int | None = None) -> int:
        """Return the number of rows; `up_to` is the largest that is counted."""
        query = RowSelection(self.projection, where, q=q)
        found: int = self._query(*query.select_count(up_to), query.needs_columns)[0][0]
        return found

    def summarize(
        self,
        group_by: Sequence[str] = (),
        sums: Sequence[str] = (),
        where: Filters = None,
        q: str | None = None,
    ) -> list[Row]:
        """Return groups of rows in order of their values, each with `count` and `sums`: see `RowSummary`."""
        summary = RowSummary(self.projection, group_by, sums)
        statement, values = summary.select(RowSelection(self.projection, where, q=q))
        return summary.decode(self._query(statement, values, needs_columns=True))

    def list_groups(
        self, page: GroupPage, where: Filters = None, after: Cursor = None, limit: int = 50, q: str | None = None
    ) -> list[GroupWithPlace]:
        """Return a page of groups, after the place of the last group of the page before."""
        statement, values = page.select(RowSelection(self.projection, where, q=q), after, limit)
        return page.decode(self._query(statement, values, needs_columns=True))

    def _query(self, statement: str, values: list[Any], needs_columns: bool = False) -> list[tuple[Any, ...]]:
        """Query the serving table; look it up again if it has been replaced."""
        try:
            return self.database.query(*self._on_serving_table(statement, values, needs_columns, again=False))
        except TableMissing:
            return self.database.query(*self._on_serving_table(statement, values, needs_columns, again=True))

    def _on_serving_table(self, statement: str, values: list[Any], needs_columns: bool, again: bool) -> Statement:
        is_limited = any(each is not None for each in (self.known_at, self.day, self.owner))
        rows = self._table(self.projection, again, needs_columns or is_limited)
        if self.known_at is not None:
            rows = self.projection.row_table(rows).source_at(self.known_at)
        if self.day is not None:
            rows = self.projection.row_table("").source_on(rows, self.day)
        if self.owner is not None:
            rows = f"(SELECT * FROM {rows} WHERE {self._owner_condition(again)}) AS own"  # noqa: S608 (names are the code's own)
            values = [*encode_column(str, self.owner), *values]
        return statement.format(rows), values

    def _table(self, projection: type[Projection], again: bool, needs_columns: bool) -> str:
        serving = self.serving_table(projection, again)
        if needs_columns and serving.columns_digest != projection.columns_digest():
            raise TableMissing(f"the read model {projection.name} is being built with new columns")
        return serving.name

    def _owner_condition(self, again: bool) -> str:
        """Return the condition for the rows of one owner, whose name is its only value: the owner of now."""
        match self.projection.owned_by:
            case (column, collection):
                table = self._table(collection, again, needs_columns=True)
                return f"c_{column} IN (SELECT key FROM {table} WHERE c_{collection.owned_by}=?)"  # noqa: S608 (names are the code's own)
            case column if self.known_at is None:
                return f"c_{column}=?"
            case column:
                table = self._table(self.projection, again, needs_columns=True)
                return f"key IN (SELECT key FROM {table} WHERE c_{column}=?)"  # noqa: S608 (names are the code's own)
