"""Query of rows: filters, sort order and cursor as SQL conditions on the texts of the columns."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from shared.money import Money
from shared.projections.definition import Projection
from shared.projections.sort_encoding import ABSENT, encode_number, encode_sortable

ID_COLUMN = "id"
SIGNS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

Filters = Mapping[str, Any] | None
"""Column → value, tuple of values, or list of (operator, value) that all must hold."""
Sort = Sequence[str | tuple[str, bool]]
"""Columns in order of precedence: `"-ordered_on"` or `("ordered_on", True)` sorts descending."""
Order = list[tuple[str, bool]]
"""Columns up to the id, each with whether it sorts descending."""
Cursor = Sequence[Any] | None
Condition = tuple[str, list[str]]


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
        conditions = self._conditions() + ([] if after is None else [self._after_condition(after)])
        clause, values = _where_clause(conditions)
        by = ", ".join(f"{_stored_column(name)} {'DESC' if descending else 'ASC'}" for name, descending in self.order)
        return f"SELECT key, row FROM {{}}{clause} ORDER BY {by} LIMIT {int(limit)}", values  # noqa: S608 (names are the code's own)

    def select_count(self) -> Condition:
        """Return the statement (`{}` for the table) for the number of rows, and its values."""
        clause, values = _where_clause(self._conditions())
        return f"SELECT count(*) FROM {{}}{clause}", values  # noqa: S608 (names are the code's own)

    def _order(self, sort: Sort) -> Order:
        pairs = [(each.lstrip("-"), each.startswith("-")) if isinstance(each, str) else each for each in sort]
        order = {self._require_column(column): descending for column, descending in pairs}
        order.setdefault(ID_COLUMN, pairs[-1][1] if pairs else False)
        return list(order.items())[: list(order).index(ID_COLUMN) + 1]

    def _conditions(self) -> list[Condition]:
        conditions = []
        for column, given in self._where.items():
            self._require_column(column)
            tests = given if isinstance(given, list) else [("in" if isinstance(given, tuple) else "eq", given)]
            conditions += [self._condition(column, operator, value) for operator, value in tests]
        if self._q:
            if not self._projection.search:
                raise UnknownColumn(f"{self._projection.name} has no fields to search")
            conditions += [("search_text LIKE ? ESCAPE '!'", [_like_pattern(word)]) for word in self._q.split()]
        return conditions

    def _condition(self, column: str, operator: str, value: Any) -> Condition:
        if operator == "in":
            either = [self._condition(column, "eq", each) for each in value]
            return _join(either, " OR ") if either else ("1=0", [])
        if operator not in SIGNS:
            raise ValueError(f"unknown operator {operator!r}. Allowed: in, {', '.join(SIGNS)}")
        if self._column_types.get(column) is Money and value is not None:
            return _money_comparison(_stored_column(column), operator, value)
        return _comparison(_stored_column(column), operator, self._sortable_text(column, value))

    def _after_condition(self, cursor: Sequence[Any]) -> Condition:
        """Return the condition for rows after a cursor."""
        pairs = zip(self.order, cursor, strict=True)
        return _after(self.order, [self._sortable_text(column, value) for (column, _), value in pairs])

    def _require_column(self, column: str) -> str:
        if column != ID_COLUMN and column not in self._column_types:
            allowed = ", ".join([ID_COLUMN, *self._column_types])
            raise UnknownColumn(f"{self._projection.name}: unknown column {column!r}. Allowed: {allowed}")
        return column

    def _sortable_text(self, column: str, value: Any) -> str:
        return str(value) if column == ID_COLUMN else encode_sortable(self._column_types[column], value)


def _stored_column(column: str) -> str:
    return "key" if column == ID_COLUMN else f"c_{column}"


def _comparison(name: str, operator: str, value: str) -> Condition:
    sign = SIGNS[operator]
    if sign[0] == "<":
        return f"({name}{sign}? AND {name}>?)", [value, ABSENT]
    return f"{name}{sign}?", [value]


def _money_comparison(name: str, operator: str, value: Any) -> Condition:
    """Compare a number with amounts in any currency, but `Money` only with amounts in its own."""
    amount = encode_number(value.amount if isinstance(value, Money) else value)
    least, beyond = ("gte", f"{amount} "), ("gte", f"{amount}!")
    below, up_to = ("lt", f"{amount} "), ("lt", f"{amount}!")
    limits = {"eq": [least, up_to], "gt": [beyond], "gte": [least], "lt": [below], "lte": [up_to]}[operator]
    in_currency: Condition = (f"{name} LIKE ?", [f"% {value.currency}"]) if isinstance(value, Money) else ("1=1", [])
    return _join([*(_comparison(name, *each) for each in limits), in_currency], " AND ")


def _like_pattern(word: str) -> str:
    """Return the pattern for a word anywhere in the searched texts, regardless of case."""
    plain = word.casefold()
    for special in "!%_":
        plain = plain.replace(special, f"!{special}")
    return f"%{plain}%"


def _after(order: Order, values: list[str]) -> Condition:
    """Return the condition for rows after these values: columns sorted in one direction compare as one."""
    is_descending = order[0][1]
    run = [_stored_column(column) for column, _ in takewhile(lambda each: each[1] == is_descending, order)]
    names, marks, first = ", ".join(run), ", ".join("?" * len(run)), values[: len(run)]
    further: Condition = (f"({names}) {'<' if is_descending else '>'} ({marks})", first)
    if len(run) == len(order):
        return further
    level: Condition = (f"({names}) = ({marks})", first)
    return _join([further, _join([level, _after(order[len(run) :], values[len(run) :])], " AND ")], " OR ")


def _join(conditions: Sequence[Condition], word: str) -> Condition:
    return f"({word.join(condition for condition, _ in conditions)})", [v for _, values in conditions for v in values]


def _where_clause(conditions: Sequence[Condition]) -> Condition:
    if not conditions:
        return "", []
    condition, values = _join(conditions, " AND ")
    return f" WHERE {condition}", values
