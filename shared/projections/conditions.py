"""Filters, sort order and cursor of a list of rows as SQL conditions on the texts of their columns."""

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


def order_of(projection: type[Projection], sort: Sort) -> Order:
    """Return the total order that these columns begin. Raises UnknownColumn."""
    pairs = [(each.lstrip("-"), each.startswith("-")) if isinstance(each, str) else each for each in sort]
    order = {_require_column(projection, column): descending for column, descending in pairs}
    order.setdefault(ID_COLUMN, pairs[-1][1] if pairs else False)
    return list(order.items())[: list(order).index(ID_COLUMN) + 1]


def order_clause(order: Order) -> str:
    return ", ".join(f"{_stored_column(column)} {'DESC' if descending else 'ASC'}" for column, descending in order)


def conditions_of(projection: type[Projection], where: Filters, q: str | None) -> list[Condition]:
    """Return the conditions of filters and searched words. Raises UnknownColumn, or ValueError for a value."""
    conditions = []
    for column, given in (where or {}).items():
        _require_column(projection, column)
        tests = given if isinstance(given, list) else [("in" if isinstance(given, tuple) else "eq", given)]
        conditions += [_condition(projection, column, operator, value) for operator, value in tests]
    if q:
        if not projection.search:
            raise UnknownColumn(f"{projection.name} has no fields to search")
        conditions += [("search_text LIKE ? ESCAPE '!'", [_like_pattern(word)]) for word in q.split()]
    return conditions


def after_condition(projection: type[Projection], order: Order, cursor: Sequence[Any]) -> Condition:
    """Return the condition for rows after a cursor."""
    texts = [_sortable_text(projection, column, value) for (column, _), value in zip(order, cursor, strict=True)]
    return _after(order, texts)


def where_clause(conditions: Sequence[Condition]) -> Condition:
    if not conditions:
        return "", []
    condition, values = _join(conditions, " AND ")
    return f" WHERE {condition}", values


def _require_column(projection: type[Projection], column: str) -> str:
    if column != ID_COLUMN and column not in projection.columns:
        allowed = ", ".join([ID_COLUMN, *projection.columns])
        raise UnknownColumn(f"{projection.name}: unknown column {column!r}. Allowed: {allowed}")
    return column


def _sortable_text(projection: type[Projection], column: str, value: Any) -> str:
    return str(value) if column == ID_COLUMN else encode_sortable(projection.column_types()[column], value)


def _condition(projection: type[Projection], column: str, operator: str, value: Any) -> Condition:
    if operator == "in":
        either = [_condition(projection, column, "eq", each) for each in value]
        return _join(either, " OR ") if either else ("1=0", [])
    if operator not in SIGNS:
        raise ValueError(f"unknown operator {operator!r}. Allowed: in, {', '.join(SIGNS)}")
    if projection.column_types().get(column) is Money and value is not None:
        return _money_comparison(_stored_column(column), operator, value)
    return _comparison(_stored_column(column), operator, _sortable_text(projection, column, value))


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
