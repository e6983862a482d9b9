"""Reader of a projection: filtered, sorted, and page by page without a repeated or missed row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

from shared.money import Money
from shared.projections.database import Database, TableMissing
from shared.projections.definition import Projection
from shared.projections.row_table import CHUNK_SIZE, RowTable, rows_with_ids
from shared.projections.sort_encoding import ABSENT, encode_number, encode_sortable

T = TypeVar("T")

ID_COLUMN = "id"
OPERATORS = ("eq", "in", "gt", "gte", "lt", "lte")

Filters = Mapping[str, Any]
"""Column → value, tuple of values, or list of (operator, value) that all must hold."""
Sort = Sequence[str | tuple[str, bool]]
"""Columns in order of precedence: `"-ordered_on"` or `("ordered_on", True)` sorts descending."""
Condition = tuple[str, list[str]]


class UnknownColumn(ValueError):
    """Raised for a filter or sort by an unknown column; the message lists the allowed ones."""


@dataclass(frozen=True, slots=True)
class ServingTable:
    """Table that serves a projection; `has_current_columns` is false for columns of another code version."""

    table: str
    has_current_columns: bool


class Reader:
    """Reads one projection. Rows are dicts of plain JSON values with their key as `id`.

    Absent values sort before all others. Rows with equal sort values are in order of `id`, in the
    direction of the last column; so every order is total and pages can end anywhere.
    """

    def __init__(
        self,
        projection: type[Projection],
        database: Database,
        serving: Callable[[type[Projection], bool], ServingTable],
        known_at: int | None = None,
        owner: str | None = None,
    ) -> None:
        self._projection = projection
        self._column_types = projection.column_types()
        self._database = database
        self._serving_table = serving
        self._known_at = known_at
        self._owner = owner

    def as_of_position(self, position: int | None) -> "Reader":
        """Return a reader as of a position of the log, for a projection with history; none = now."""
        if not self._projection.has_history:
            raise TypeError(f"the projection {self._projection.name} keeps no history")
        return Reader(self._projection, self._database, self._serving_table, position, self._owner)

    def for_owner(self, owner: str) -> "Reader":
        """Return a reader that is limited to the rows of this owner."""
        if self._projection.owned_by is None:
            raise TypeError(f"the projection {self._projection.name} declares no owner: set owned_by")
        return Reader(self._projection, self._database, self._serving_table, self._known_at, owner)

    def get(self, key: object) -> dict[str, Any] | None:
        """Return the row with this key, or none."""
        found = rows_with_ids(self._query("SELECT key, row FROM {} WHERE key=?", [str(key)]))
        return found[0] if found else None

    def list_rows(
        self,
        where: Filters | None = None,
        sort: Sort = (),
        after: Sequence[Any] | None = None,
        limit: int = 50,
        q: str | None = None,
    ) -> list[dict[str, Any]]:
        """Return a page, after the `cursor_of` the last row of the page before. Raises UnknownColumn."""
        order = self._order(sort)
        conditions = self._conditions(where, q)
        if after is not None:
            texts = [self._sortable_text(column, value) for (column, _), value in zip(order, after, strict=True)]
            conditions.append(_after_condition(order, texts))
        clause, values = _where_clause(conditions)
        by = ", ".join(f"{_stored_column(column)} {'DESC' if descending else 'ASC'}" for column, descending in order)
        statement = f"SELECT key, row FROM {{}}{clause} ORDER BY {by} LIMIT {int(limit)}"  # noqa: S608
        return rows_with_ids(self._query(statement, values, self._needs_columns(where, order, q)))

    def cursor_of(self, row: Mapping[str, Any], sort: Sort = ()) -> tuple[Any, ...]:
        """Return the cursor of a row in this order, in plain JSON values: the `after` of the next page."""
        return tuple(row.get(column) for column, _ in self._order(sort))

    def iterate_rows(
        self, where: Filters | None = None, sort: Sort = (), q: str | None = None
    ) -> Iterator[dict[str, Any]]:
        """Yield every row, read page by page."""
        page = self.list_rows(where, sort, None, CHUNK_SIZE, q)
        while page:
            yield from page
            page = (
                self.list_rows(where, sort, self.cursor_of(page[-1], sort), CHUNK_SIZE, q)
                if len(page) == CHUNK_SIZE
                else []
            )

    def count(self, where: Filters | None = None, q: str | None = None) -> int:
        """Return the number of rows."""
        clause, values = _where_clause(self._conditions(where, q))
        found: int = self._query(f"SELECT count(*) FROM {{}}{clause}", values, self._needs_columns(where, [], q))[0][0]  # noqa: S608
        return found

    def _query(self, statement: str, values: Sequence[Any], needs_columns: bool = False) -> list[tuple[Any, ...]]:
        """Query the serving table; look it up again if it has been replaced."""
        try:
            return self._query_serving_table(False, statement, values, needs_columns)
        except TableMissing:
            return self._query_serving_table(True, statement, values, needs_columns)

    def _query_serving_table(
        self, again: bool, statement: str, values: Sequence[Any], needs_columns: bool
    ) -> list[tuple[Any, ...]]:
        known_at, owner = self._known_at, self._owner
        table = self._table(self._projection, again, needs_columns or known_at is not None or owner is not None)
        rows = table if known_at is None else RowTable(self._projection, table).source_at(known_at)
        if owner is None:
            return self._database.query(statement.format(rows), values)
        own = f"(SELECT * FROM {rows} WHERE {self._owner_condition(again)}) AS own"  # noqa: S608
        return self._database.query(statement.format(own), [encode_sortable(str, owner), *values])

    def _table(self, projection: type[Projection], again: bool, needs_columns: bool) -> str:
        serving = self._serving_table(projection, again)
        if needs_columns and not serving.has_current_columns:
            raise TableMissing(f"the read model {projection.name} is being built with new columns")
        return serving.table

    def _owner_condition(self, again: bool) -> str:
        """Return the condition for the rows of one owner, whose name is its only value."""
        match self._projection.owned_by:
            case (column, collection):
                table = self._table(collection, again, needs_columns=True)
                return f"c_{column} IN (SELECT key FROM {table} WHERE c_{collection.owned_by}=?)"  # noqa: S608
            case column:
                return f"c_{column}=?"

    def _needs_columns(self, where: Filters | None, order: list[tuple[str, bool]], q: str | None) -> bool:
        return bool(q) or any(column != ID_COLUMN for column in [*(where or ()), *(column for column, _ in order)])

    # -- filters as conditions

    def _require_column(self, column: str) -> str:
        if column != ID_COLUMN and column not in self._column_types:
            raise UnknownColumn(
                f"{self._projection.name}: unknown column {column!r}."
                f" Allowed: {', '.join([ID_COLUMN, *self._column_types])}"
            )
        return column

    def _order(self, sort: Sort) -> list[tuple[str, bool]]:
        pairs = [(each.lstrip("-"), each.startswith("-")) if isinstance(each, str) else each for each in sort]
        order = {self._require_column(column): descending for column, descending in pairs}
        if ID_COLUMN not in order:
            order[ID_COLUMN] = pairs[-1][1] if pairs else False
        upto = list(order).index(ID_COLUMN) + 1
        return list(order.items())[:upto]

    def _sortable_text(self, column: str, value: Any) -> str:
        return str(value) if column == ID_COLUMN else encode_sortable(self._column_types[column], value)

    def _conditions(self, where: Filters | None, q: str | None) -> list[Condition]:
        conditions = []
        for column, given in (where or {}).items():
            self._require_column(column)
            tests = given if isinstance(given, list) else [("in" if isinstance(given, tuple) else "eq", given)]
            conditions += [self._condition(column, operator, value) for operator, value in tests]
        if q:
            if not self._projection.search:
                raise UnknownColumn(f"{self._projection.name} has no fields to search")
            conditions += [("search_text LIKE ? ESCAPE '!'", [_like_pattern(word)]) for word in q.split()]
        return conditions

    def _condition(self, column: str, operator: str, value: Any) -> Condition:
        if operator not in OPERATORS:
            raise ValueError(f"unknown operator {operator!r}. Allowed: {', '.join(OPERATORS)}")
        if operator == "in":
            either = [self._condition(column, "eq", each) for each in value]
            return _join(either, " OR ") if either else ("1=0", [])
        if column != ID_COLUMN and self._column_types[column] is Money and value is not None:
            return _money_comparison(_stored_column(column), operator, value)
        return _comparison(_stored_column(column), operator, self._sortable_text(column, value))


def _stored_column(column: str) -> str:
    return "key" if column == ID_COLUMN else f"c_{column}"


def _comparison(name: str, operator: str, value: str) -> Condition:
    sign = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}[operator]
    if sign[0] == "<":
        return f"({name}{sign}? AND {name}>?)", [value, ABSENT]
    return f"{name}{sign}?", [value]


def _money_comparison(name: str, operator: str, value: Any) -> Condition:
    """Compare a number with amounts in any currency, but `Money` only with amounts in its own."""
    amount = encode_number(value.amount if isinstance(value, Money) else value)
    least, beyond = f"{amount} ", f"{amount}!"
    conditions: dict[str, Condition] = {
        "eq": (f"({name}>=? AND {name}<?)", [least, beyond]),
        "gt": (f"{name}>=?", [beyond]),
        "gte": (f"{name}>=?", [least]),
        "lt": (f"({name}<? AND {name}>?)", [least, ABSENT]),
        "lte": (f"({name}<? AND {name}>?)", [beyond, ABSENT]),
    }
    if not isinstance(value, Money):
        return conditions[operator]
    return _join([conditions[operator], (f"{name} LIKE ?", [f"% {value.currency}"])], " AND ")


def _like_pattern(word: str) -> str:
    """Return the pattern for a word anywhere in the searched texts, regardless of case."""
    plain = word.casefold()
    for special in "!%_":
        plain = plain.replace(special, f"!{special}")
    return f"%{plain}%"


def _after_condition(order: list[tuple[str, bool]], values: list[str]) -> Condition:
    """Return the condition for rows after a cursor: columns sorted in one direction compare as one."""
    run = [column for column, _ in next(_same_direction_runs(order))]
    names, marks = ", ".join(map(_stored_column, run)), ", ".join("?" for _ in run)
    first, rest = values[: len(run)], values[len(run) :]
    further: Condition = (f"({names}) {'<' if order[0][1] else '>'} ({marks})", first)
    if not rest:
        return further
    level: Condition = (f"({names}) = ({marks})", first)
    return _join([further, _join([level, _after_condition(order[len(run) :], rest)], " AND ")], " OR ")


def _same_direction_runs(order: list[tuple[str, bool]]) -> Iterator[list[tuple[str, bool]]]:
    for _, run in groupby(order, key=lambda each: each[1]):
        yield list(run)


def _join(conditions: Sequence[Condition], word: str) -> Condition:
    return f"({word.join(condition for condition, _ in conditions)})", [v for _, values in conditions for v in values]


def _where_clause(conditions: Sequence[Condition]) -> Condition:
    if not conditions:
        return "", []
    condition, values = _join(conditions, " AND ")
    return f" WHERE {condition}", values
