"""Pages of groups of rows: sorted by the columns of the groups, by their number of rows or by their sums, in SQL."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.money import Money
from shared.projections.column_comparison import Condition
from shared.projections.column_types import ABSENT, INTEGER, Stored
from shared.projections.definition import Projection
from shared.projections.row_query import Cursor, Order, RowSelection, UnknownColumn, after_condition, where_clause
from shared.projections.row_summary import LOW_BITS, LOW_MASK, RowSummary
from shared.projections.row_table import stored_columns

COUNT = "count"

GroupWithPlace = tuple[dict[str, Any], tuple[Stored, ...]]
"""A group, and its place in the order: the `after` of the next page."""


@dataclass(frozen=True)
class _Term:
    """A term of the order: its columns in the statement with their expressions, and its currency if it is money."""

    columns: Mapping[str, str]
    descending: bool
    currency: str | None = None


class GroupPage:
    """Groups of rows in a total order: by their columns, `count` and sums, in the end by all of their columns.

    A sum of money in several currencies sorts by one amount: the largest if descending, otherwise the smallest.
    Raises UnknownColumn for a sort by any other column.
    """

    def __init__(self, projection: type[Projection], group_by: Sequence[str], sums: Sequence[str], sort: Order) -> None:
        self._types = projection.column_types()
        self._group_by, self._sums = list(group_by), list(sums)
        self._summary = RowSummary(projection, group_by, sums)
        self._naturals = dict(self._natural_orders())
        self._terms = [*self._terms_of(sort)]

    def select(self, rows: RowSelection, after: Cursor, limit: int) -> Condition:
        """Return the statement (`{}` for the table) for a page of the groups of these rows, and its values."""
        parts, values = self._summary.select_parts(rows, self._naturals)
        further, place = self._further(after)
        first = f"{self._window()} ORDER BY {self._first_text()}"
        statement = f"""WITH parts AS ({parts}), sorted AS ({self._select_sorted()}),
            ranked AS (SELECT *, row_number() OVER ({first}) AS nth FROM sorted),
            page AS (SELECT * FROM ranked{further} ORDER BY {self._order_text()} LIMIT {int(limit)})
            SELECT {self._shown()} FROM page JOIN parts ON {self._same_group()} ORDER BY {self._page_order()}"""  # noqa: S608 (names are the code's own)
        return statement, [*values, *place]

    def decode(self, found: Sequence[tuple[Any, ...]]) -> list[GroupWithPlace]:
        """Return the groups with their places."""
        width = len(self._summary.columns)
        places = dict.fromkeys(row[width:] for row in found)
        return list(zip(self._summary.decode([row[:width] for row in found]), places, strict=True))

    # -- the order

    def _natural_orders(self) -> Iterator[tuple[str, str]]:
        """Yield the columns by which groups of codes sort, with their expressions."""
        for place, name in enumerate(self._group_by):
            stored = [] if "." in name else stored_columns(name, self._types[name])
            if len(stored) > 1:
                yield f"o{place}", f"min({stored[0].name})"

    def _terms_of(self, sort: Order) -> Iterator[_Term]:
        chosen: dict[str, bool] = {}
        for name, descending in sort:
            chosen.setdefault(name, descending)
        yield from (self._term(place, *each) for place, each in enumerate(chosen.items()))
        last = list(chosen.values())[-1] if chosen else False
        yield from (self._key_term(name, last) for name in self._group_by if name not in chosen)

    def _term(self, place: int, name: str, descending: bool) -> _Term:
        if name in self._group_by:
            return self._key_term(name, descending)
        if name == COUNT:
            return _Term({f"t{place}": f"CAST(sum(n) OVER ({self._window()}) AS BIGINT)"}, descending)
        if name not in self._sums:
            allowed = ", ".join([*self._group_by, COUNT, *self._sums])
            raise UnknownColumn(f"groups cannot be sorted by {name!r}. Allowed: {allowed}")
        return self._sum_term(place, name, descending)

    def _key_term(self, name: str, descending: bool) -> _Term:
        place = self._group_by.index(name)
        names = [each for each in (f"o{place}", f"g{place}") if each in self._naturals or each in self._summary.keys]
        return _Term({each: each for each in names}, descending)

    def _sum_term(self, place: int, name: str, descending: bool) -> _Term:
        """Return the term of a sum: its high and its low bits."""
        number = self._sums.index(name)
        currency = f"k{number}" if self._types[name] is Money else None
        over = f"OVER ({self._window(currency)})"
        high, low = (f"CAST(sum({half}{number}) {over} AS BIGINT)" for half in "hl")
        halves = {f"t{place}h": f"{high} + ({low} >> {LOW_BITS})", f"t{place}l": f"{low} & {LOW_MASK}"}
        if currency:
            absent = f"CASE WHEN {currency} = '' THEN {ABSENT[INTEGER]} ELSE"
            halves = {each: f"CAST({absent} {expression} END AS BIGINT)" for each, expression in halves.items()}
        return _Term(halves, descending, currency)

    def _window(self, currency: str | None = None) -> str:
        return f"PARTITION BY {', '.join([*self._summary.keys, *([currency] if currency else [])])}"

    # -- the statement

    def _select_sorted(self) -> str:
        terms = {name: expression for each in self._terms for name, expression in each.columns.items()}
        columns = {each: each for each in (*self._summary.keys, *self._summary.currencies)} | terms
        wanted = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
        return f"SELECT {wanted} FROM parts"  # noqa: S608 (names are the code's own)

    def _first_text(self) -> str:
        """Return the order by which one row stands for the group: one with an amount before those without."""
        present = [f"({each.currency} = '') ASC, " if each.currency else "" for each in self._terms]
        return ", ".join(f"{first}{_text(each)}" for first, each in zip(present, self._terms, strict=True))

    def _order_text(self, prefix: str = "") -> str:
        return ", ".join(_text(each, prefix) for each in self._terms)

    def _page_order(self) -> str:
        return ", ".join([self._order_text("page."), *(f"parts.{each}" for each in self._summary.currencies)])

    def _same_group(self) -> str:
        return " AND ".join(f"parts.{each} = page.{each}" for each in self._summary.keys)

    def _shown(self) -> str:
        places = [f"page.{name}" for each in self._terms for name in each.columns]
        return ", ".join([*(f"parts.{each}" for each in self._summary.columns), *places])

    def _further(self, after: Cursor) -> Condition:
        names = [(name, each.descending) for each in self._terms for name in each.columns]
        conditions: list[Condition] = [("nth = 1", [])]
        if after is not None:
            conditions.append(after_condition([(*name, value) for name, value in zip(names, after, strict=True)]))
        return where_clause(conditions)


def _text(term: _Term, prefix: str = "") -> str:
    direction = "DESC" if term.descending else "ASC"
    return ", ".join(f"{prefix}{name} {direction}" for name in term.columns)
