"""Query of rows: filters, sort order and cursor as SQL conditions on the stored columns."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

from shared.projections.column_comparison import (
    ALIKE,
    NOTHING,
    SIGNS,
    Condition,
    compare_alike,
    compare_column,
    join_conditions,
)
from shared.projections.column_types import Stored, encode_column
from shared.projections.definition import Projection
from shared.projections.row_table import ID_COLUMN, stored_columns
from shared.texts import fold_text

Filters = Mapping[str, Any] | None
"""Column → value, tuple of values, or list of tests (operator, value) that all must hold.

The test `("any", [tests, tests])` holds if all tests of one of these lists do.
"""
Sort = Sequence[str | tuple[str, bool]]
"""Columns in order of precedence: `"-ordered_on"` or `("ordered_on", True)` sorts descending."""
Order = list[tuple[str, bool]]
"""Columns up to the id, each with whether it sorts descending."""
Cursor = Sequence[Any] | None
Place = tuple[str, bool, Stored]
"""A stored column, whether it sorts descending, and its value in the row at the end of a page."""


class UnknownColumn(ValueError):
    """Raised for a filter or sort by an unknown column; the message lists the allowed ones."""


class RowSelection:
    """Selection of rows as SQL: by filters and searched words, in a sort order. Raises UnknownColumn, ValueError."""

    def __init__(
        self, projection: type[Projection], where: Filters = None, sort: Sort = (), q: str | None = None
    ) -> None:
        self._projection = projection
        self._column_types = projection.column_types()
        self._where = where or {}
        self._q = q
        self.order = self._order(sort)
        """The columns by which rows are in a total order, as its last one the id."""

    @property
    def needs_columns(self) -> bool:
        """Whether the query reads columns of this version of the projection, not only keys and rows."""
        return bool(self._q) or any(column != ID_COLUMN for column in [*self._where, *(each for each, _ in self.order)])

    def select_page(self, after: Cursor, limit: int) -> Condition:
        """Return the statement (`{}` for the table) for rows after a cursor, and its values."""
        after_cursor = [] if after is None else [after_condition(list(self._places(after)))]
        clause, values = where_clause([*self.conditions(), *after_cursor])
        by = ", ".join(f"{name} {'DESC' if descending else 'ASC'}" for name, descending in self._sorted_by())
        return f"SELECT key, row FROM {{}}{clause} ORDER BY {by} LIMIT {int(limit)}", values  # noqa: S608 (names are the code's own)

    def select_count(self, up_to: int | None = None) -> Condition:
        """Return the statement (`{}` for the table) for the number of rows, at most `up_to`, and its values."""
        clause, values = where_clause(self.conditions())
        limit = "" if up_to is None else f" LIMIT {int(up_to)}"
        return f"SELECT count(*) FROM (SELECT 1 FROM {{}}{clause}{limit}) AS found", values  # noqa: S608 (names are the code's own)

    def _order(self, sort: Sort) -> Order:
        pairs = [(each.lstrip("-"), each.startswith("-")) if isinstance(each, str) else each for each in sort]
        order = {self.require_column(column): descending for column, descending in pairs}
        order.setdefault(ID_COLUMN, pairs[-1][1] if pairs else False)
        return list(order.items())[: list(order).index(ID_COLUMN) + 1]

    def conditions(self) -> list[Condition]:
        """Return the conditions of the filters and of the searched words."""
        conditions = []
        for column, given in self._where.items():
            self.require_column(column)
            tests = given if isinstance(given, list) else [("in" if isinstance(given, tuple) else "eq", given)]
            conditions += [self._condition(column, operator, value) for operator, value in tests]
        if self._q:
            if not self._projection.search:
                raise UnknownColumn(f"{self._projection.name} has no fields to search")
            conditions += [("search_text LIKE ? ESCAPE '!'", [_like_pattern(word)]) for word in self._q.split()]
        return conditions

    def _condition(self, column: str, operator: str, value: Any) -> Condition:
        if operator in ("in", "any"):
            either = [self._all_of(column, [("eq", each)] if operator == "in" else each) for each in value]
            return join_conditions(either, " OR ") if either else NOTHING
        if operator == ALIKE:
            return compare_alike(column, self._column_types[column], value)
        if operator not in SIGNS:
            raise ValueError(f"unknown operator {operator!r}. Allowed: in, any, {ALIKE}, {', '.join(SIGNS)}")
        if column == ID_COLUMN:
            return f"key{SIGNS[operator]}?", [str(value)]
        return compare_column(column, self._column_types[column], operator, value)

    def _all_of(self, column: str, tests: Sequence[tuple[str, Any]]) -> Condition:
        return join_conditions([self._condition(column, operator, value) for operator, value in tests], " AND ")

    def require_column(self, column: str) -> str:
        """Return the column. Raises UnknownColumn."""
        if column != ID_COLUMN and column not in self._column_types:
            allowed = ", ".join([ID_COLUMN, *self._column_types])
            raise UnknownColumn(f"{self._projection.name}: unknown column {column!r}. Allowed: {allowed}")
        return column

    def _names(self, column: str) -> list[str]:
        """Return the stored columns by which a column sorts."""
        return ["key"] if column == ID_COLUMN else [n for n, _ in stored_columns(column, self._column_types[column])]

    def _sorted_by(self) -> Iterator[tuple[str, bool]]:
        for column, descending in self.order:
            yield from ((name, descending) for name in self._names(column))

    def _places(self, cursor: Sequence[Any]) -> Iterator[Place]:
        for (column, descending), value in zip(self.order, cursor, strict=True):
            parts = (str(value),) if column == ID_COLUMN else encode_column(self._column_types[column], value)
            yield from ((name, descending, part) for name, part in zip(self._names(column), parts, strict=True))


def _like_pattern(word: str) -> str:
    """Return the pattern for a word anywhere in the searched texts, regardless of case and accents."""
    plain = fold_text(word)
    for special in "!%_":
        plain = plain.replace(special, f"!{special}")
    return f"%{plain}%"


def after_condition(places: Sequence[Place]) -> Condition:
    """Return the condition for rows after these values: columns sorted in one direction compare as one."""
    is_descending = places[0][1]
    run = list(takewhile(lambda each: each[1] == is_descending, places))
    names, marks, first = ", ".join(each[0] for each in run), ", ".join("?" * len(run)), [each[2] for each in run]
    further: Condition = (f"({names}) {'<' if is_descending else '>'} ({marks})", first)
    if len(run) == len(places):
        return further
    level: Condition = (f"({names}) = ({marks})", first)
    return join_conditions([further, join_conditions([level, after_condition(places[len(run) :])], " AND ")], " OR ")


def where_clause(conditions: Sequence[Condition]) -> Condition:
    """Return the conditions, which all must hold, as a clause of a statement."""
    if not conditions:
        return "", []
    condition, values = join_conditions(conditions, " AND ")
    return f" WHERE {condition}", values
