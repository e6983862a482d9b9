"""Asking a report: filtered, sorted, and page by page without a row twice or missed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

from shared.money import Money
from shared.report.database import Database, Missing
from shared.report.definition import Report
from shared.report.sortable import ABSENT, number, sortable
from shared.report.table import CHUNK, Table, keyed

T = TypeVar("T")

KEY = "id"
OPERATORS = ("eq", "in", "gt", "gte", "lt", "lte")

Where = Mapping[str, Any]
"""Column → value, tuple of values, or list of (operator, value) that all must hold."""
Sort = Sequence[str | tuple[str, bool]]
"""Columns in order of weight: `"-ordered_on"` or `("ordered_on", True)` descends."""
Condition = tuple[str, list[str]]


class UnknownColumn(ValueError):
    """The report cannot be filtered or sorted by this; the message names what it can."""


@dataclass(frozen=True, slots=True)
class Serving:
    """The table that answers for a report; `current` unless its columns are those of another version of the code."""

    table: str
    current: bool


class Reader:
    """Reads one report. Rows are dicts of plain JSON values with their key as `id`.

    Absent values sort before all others. Rows equal in what is sorted by are in order of `id`,
    in the direction of the last column; so every order is total and pages can be cut anywhere.
    """

    def __init__(
        self,
        report: type[Report],
        database: Database,
        serving: Callable[[type[Report], bool], Serving],
        known: int | None = None,
        owner: str | None = None,
    ) -> None:
        self._report = report
        self._kinds = report.kinds()
        self._database = database
        self._serving = serving
        self._known_at = known
        self._owner = owner

    def at(self, position: int | None) -> "Reader":
        """The rows as they stood at this position of the log, for a report that keeps its `history`; none = now."""
        if not self._report.history:
            raise TypeError(f"the report {self._report.name} keeps no history")
        return Reader(self._report, self._database, self._serving, position, self._owner)

    def of(self, owner: str) -> "Reader":
        """Nothing but the rows that are this one's, whatever is asked of them."""
        if self._report.owned_by is None:
            raise TypeError(f"the report {self._report.name} does not say whose its rows are")
        return Reader(self._report, self._database, self._serving, self._known_at, owner)

    def get(self, key: object) -> dict[str, Any] | None:
        """The row with this key."""
        found = keyed(self._ask("SELECT key, row FROM {} WHERE key=?", [str(key)]))
        return found[0] if found else None

    def select(
        self,
        where: Where | None = None,
        sort: Sort = (),
        after: Sequence[Any] | None = None,
        limit: int = 50,
        q: str | None = None,
    ) -> list[dict[str, Any]]:
        """A page. `after` is the `place` of the last row of the page before. Raises UnknownColumn."""
        order = self._order(sort)
        conditions = self._conditions(where, q)
        if after is not None:
            texts = [self._text(column, value) for (column, _), value in zip(order, after, strict=True)]
            conditions.append(_beyond(order, texts))
        clause, values = _all_of(conditions)
        by = ", ".join(f"{_stored(column)} {'DESC' if descending else 'ASC'}" for column, descending in order)
        statement = f"SELECT key, row FROM {{}}{clause} ORDER BY {by} LIMIT {int(limit)}"  # noqa: S608
        return keyed(self._ask(statement, values, self._needs_columns(where, order, q)))

    def place(self, row: Mapping[str, Any], sort: Sort = ()) -> tuple[Any, ...]:
        """Where a row stands in this order, in plain JSON values: the `after` of the next page."""
        return tuple(row.get(column) for column, _ in self._order(sort))

    def all(self, where: Where | None = None, sort: Sort = (), q: str | None = None) -> Iterator[dict[str, Any]]:
        """Every row, read page by page."""
        page = self.select(where, sort, None, CHUNK, q)
        while page:
            yield from page
            page = self.select(where, sort, self.place(page[-1], sort), CHUNK, q) if len(page) == CHUNK else []

    def count(self, where: Where | None = None, q: str | None = None) -> int:
        """How many rows there are."""
        clause, values = _all_of(self._conditions(where, q))
        found: int = self._ask(f"SELECT count(*) FROM {{}}{clause}", values, self._needs_columns(where, [], q))[0][0]  # noqa: S608
        return found

    def _ask(self, statement: str, values: Sequence[Any], needs_columns: bool = False) -> list[tuple[Any, ...]]:
        """The answer of the serving table; it may have been exchanged since it was last looked up."""
        try:
            return self._answer(False, statement, values, needs_columns)
        except Missing:
            return self._answer(True, statement, values, needs_columns)

    def _answer(self, again: bool, statement: str, values: Sequence[Any], needs_columns: bool) -> list[tuple[Any, ...]]:
        known_at, owner = self._known_at, self._owner
        table = self._table(self._report, again, needs_columns or known_at is not None or owner is not None)
        rows = table if known_at is None else Table(self._report, table).as_known_at(known_at)
        if owner is None:
            return self._database.query(statement.format(rows), values)
        own = f"(SELECT * FROM {rows} WHERE {self._owned(again)}) AS own"  # noqa: S608
        return self._database.query(statement.format(own), [sortable(str, owner), *values])

    def _table(self, report: type[Report], again: bool, needs_columns: bool) -> str:
        serving = self._serving(report, again)
        if needs_columns and not serving.current:
            raise Missing(f"the report {report.name} is being built with new columns")
        return serving.table

    def _owned(self, again: bool) -> str:
        """The condition for the rows of one owner, whose name is its only value."""
        match self._report.owned_by:
            case (column, collection):
                table = self._table(collection, again, needs_columns=True)
                return f"c_{column} IN (SELECT key FROM {table} WHERE c_{collection.owned_by}=?)"  # noqa: S608
            case column:
                return f"c_{column}=?"

    def _needs_columns(self, where: Where | None, order: list[tuple[str, bool]], q: str | None) -> bool:
        return bool(q) or any(column != KEY for column in [*(where or ()), *(column for column, _ in order)])

    # -- what is asked, as conditions

    def _known(self, column: str) -> str:
        if column != KEY and column not in self._kinds:
            raise UnknownColumn(f"{self._report.name} has no column {column!r}, only {', '.join([KEY, *self._kinds])}")
        return column

    def _order(self, sort: Sort) -> list[tuple[str, bool]]:
        pairs = [(each.lstrip("-"), each.startswith("-")) if isinstance(each, str) else each for each in sort]
        order = {self._known(column): descending for column, descending in pairs}
        if KEY not in order:
            order[KEY] = pairs[-1][1] if pairs else False
        upto = list(order).index(KEY) + 1
        return list(order.items())[:upto]

    def _text(self, column: str, value: Any) -> str:
        return str(value) if column == KEY else sortable(self._kinds[column], value)

    def _conditions(self, where: Where | None, q: str | None) -> list[Condition]:
        conditions = []
        for column, asked in (where or {}).items():
            self._known(column)
            tests = asked if isinstance(asked, list) else [("in" if isinstance(asked, tuple) else "eq", asked)]
            conditions += [self._condition(column, operator, value) for operator, value in tests]
        if q:
            if not self._report.search:
                raise UnknownColumn(f"{self._report.name} cannot be searched by word")
            conditions += [("search_text LIKE ? ESCAPE '!'", [_pattern(word)]) for word in q.split()]
        return conditions

    def _condition(self, column: str, operator: str, value: Any) -> Condition:
        if operator not in OPERATORS:
            raise ValueError(f"no operator {operator!r}, only {', '.join(OPERATORS)}")
        if operator == "in":
            either = [self._condition(column, "eq", each) for each in value]
            return _joined(either, " OR ") if either else ("1=0", [])
        if column != KEY and self._kinds[column] is Money and value is not None:
            return _of_money(_stored(column), operator, value)
        return _compared(_stored(column), operator, self._text(column, value))


def _stored(column: str) -> str:
    return "key" if column == KEY else f"c_{column}"


def _compared(name: str, operator: str, value: str) -> Condition:
    sign = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}[operator]
    if sign[0] == "<":
        return f"({name}{sign}? AND {name}>?)", [value, ABSENT]
    return f"{name}{sign}?", [value]


def _of_money(name: str, operator: str, value: Any) -> Condition:
    """A bare number compares with the amount in any currency; `Money` only with amounts in its own."""
    amount = number(value.amount if isinstance(value, Money) else value)
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
    return _joined([conditions[operator], (f"{name} LIKE ?", [f"% {value.currency}"])], " AND ")


def _pattern(word: str) -> str:
    """Anywhere in the searched texts, whatever the case."""
    plain = word.casefold()
    for special in "!%_":
        plain = plain.replace(special, f"!{special}")
    return f"%{plain}%"


def _beyond(order: list[tuple[str, bool]], values: list[str]) -> Condition:
    """What comes after a place: columns that run in one direction compare as one."""
    run = [column for column, _ in next(_runs(order))]
    names, marks = ", ".join(map(_stored, run)), ", ".join("?" for _ in run)
    mine, rest = values[: len(run)], values[len(run) :]
    further: Condition = (f"({names}) {'<' if order[0][1] else '>'} ({marks})", mine)
    if not rest:
        return further
    level: Condition = (f"({names}) = ({marks})", mine)
    return _joined([further, _joined([level, _beyond(order[len(run) :], rest)], " AND ")], " OR ")


def _runs(order: list[tuple[str, bool]]) -> Iterator[list[tuple[str, bool]]]:
    for _, run in groupby(order, key=lambda each: each[1]):
        yield list(run)


def _joined(conditions: Sequence[Condition], word: str) -> Condition:
    return f"({word.join(condition for condition, _ in conditions)})", [v for _, values in conditions for v in values]


def _all_of(conditions: Sequence[Condition]) -> Condition:
    if not conditions:
        return "", []
    condition, values = _joined(conditions, " AND ")
    return f" WHERE {condition}", values
