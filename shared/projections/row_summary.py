"""Summary of rows: how many there are and what they add up to, in groups, computed by SQL."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from shared.money import Money, UnitPrice
from shared.projections.column_comparison import Condition
from shared.projections.column_types import ABSENT, COLUMN_TYPES, INTEGER, MONEY_DECIMALS, decode_number
from shared.projections.definition import Projection
from shared.projections.row_query import RowSelection, UnknownColumn, where_clause
from shared.projections.row_table import value_column

LOW_BITS = 30
LOW_MASK = (1 << LOW_BITS) - 1
"""The high and low bits of integers are added up apart, so that no sum is too large; absent values have no low bits."""
SPANS = {"month": 7, "year": 4}
"""Spans of time by which dates can be grouped, with the length of their texts."""


class RowSummary:
    """Sums of columns and the number of rows, for each group of values of the `group_by` columns.

    A date is grouped by `ordered_on`, `ordered_on.month` or `ordered_on.year`. Raises UnknownColumn for a column that
    does not exist or cannot be summed or grouped by.
    """

    def __init__(self, projection: type[Projection], group_by: Sequence[str], sums: Sequence[str]) -> None:
        self._types = projection.column_types()
        self._group_by, self._sums = list(group_by), list(sums)
        self.keys = {f"g{place}": self._group_expression(each) for place, each in enumerate(group_by)}
        """The columns of the groups in the statement, with their expressions."""
        self.currencies = {
            f"k{place}": f"c_{each}_currency" for place, each in enumerate(sums) if self._summed_type(each) is Money
        }
        """The currencies of the sums of money, which are apart in the statement."""

    @property
    def columns(self) -> dict[str, str]:
        """Return the columns of the statement with their expressions: keys, currencies, number of rows, sums."""
        halves = [self._halves(each) for each in self._sums]
        sums = {
            f"{half}{place}": each for place, pair in enumerate(halves) for half, each in zip("hl", pair, strict=True)
        }
        return {**self.keys, **self.currencies, "n": "count(*)", **sums}

    def select(self, rows: RowSelection) -> Condition:
        """Return the statement (`{}` for the table) for the groups of these rows in their order, and its values."""
        statement, values = self.select_parts(rows)
        by = ", ".join([*self.keys, *self.currencies])
        return f"{statement} ORDER BY {by}" if by else statement, values

    def select_parts(self, rows: RowSelection, more: Mapping[str, str] = MappingProxyType({})) -> Condition:
        """Return the statement for the groups in any order, with more columns; each currency has a row of its own."""
        clause, values = where_clause(rows.conditions())
        wanted = ", ".join(f"{expression} AS {name}" for name, expression in {**self.columns, **more}.items())
        places = ", ".join(str(place + 1) for place in range(len(self.keys) + len(self.currencies)))
        by = f" GROUP BY {places}" if places else ""
        return f"SELECT {wanted} FROM {{}}{clause}{by}", values  # noqa: S608 (names are the code's own)

    def decode(self, found: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """Return the groups: the values of their columns, `count`, and `sums` by column."""
        groups = {} if self.keys else {(): self._new_group(())}
        for row in found:
            key = row[: len(self.keys)]
            group = groups.setdefault(key, self._new_group(key))
            self._add(group, row[len(self.keys) :])
        return list(groups.values())

    def _new_group(self, key: Sequence[Any]) -> dict[str, Any]:
        return {**self._group_values(key), "count": 0, "sums": self._no_sums()}

    def _add(self, group: dict[str, Any], rest: Sequence[Any]) -> None:
        currencies, (count, *halves) = iter(rest[: len(self.currencies)]), rest[len(self.currencies) :]
        group["count"] += count
        for name, number in zip(self._sums, _joined(halves), strict=True):
            if self._types[name] is not Money:
                group["sums"][name] += number if self._types[name] is int else decode_number(number)
            elif currency := next(currencies):
                _add_money(group["sums"][name], Money(decode_number(number, MONEY_DECIMALS), currency))

    def _no_sums(self) -> dict[str, Any]:
        return {name: [] if self._types[name] is Money else self._types[name]() for name in self._sums}

    def _summed_type(self, column: str) -> type:
        if column not in summable_names(self._types):
            raise UnknownColumn(f"column {column!r} cannot be summed")
        return self._types[column]

    def _halves(self, column: str) -> tuple[str, str]:
        stored = value_column(column, self._types[column])
        present = f"FILTER (WHERE {stored} <> {ABSENT[INTEGER]})"
        return f"coalesce(sum({stored} >> {LOW_BITS}) {present}, 0)", f"coalesce(sum({stored} & {LOW_MASK}), 0)"

    def _group_expression(self, name: str) -> str:
        if name not in groupable_names(self._types):
            raise UnknownColumn(f"cannot group by {name!r}")
        column, _, span = name.partition(".")
        stored = value_column(column, self._types[column])
        return f"substr({stored}, 1, {SPANS[span]})" if span else stored

    def _group_values(self, key: Sequence[Any]) -> dict[str, Any]:
        return {name: self._group_value(name, stored) for name, stored in zip(self._group_by, key, strict=True)}

    def _group_value(self, name: str, stored: Any) -> Any:
        kind = COLUMN_TYPES[self._types[name.partition(".")[0]]]
        is_absent = stored in ("", ABSENT[INTEGER])
        return None if is_absent else stored if "." in name else kind.decode(stored)


def summable_names(column_types: Mapping[str, type]) -> list[str]:
    """Return the columns that can be summed."""
    return [name for name, kind in column_types.items() if COLUMN_TYPES[kind].decimals is not None]


def groupable_names(column_types: Mapping[str, type]) -> list[str]:
    """Return the names by which rows can be grouped: columns, and spans of time of dates."""
    columns = [name for name, kind in column_types.items() if kind not in (Money, UnitPrice, Decimal)]
    dates = [name for name in columns if column_types[name] in (date, datetime)]
    return [*columns, *(f"{name}.{span}" for name in dates for span in SPANS)]


def _joined(halves: Sequence[Any]) -> list[int]:
    """Return the sums of which these are the halves."""
    return [(int(high) << LOW_BITS) + int(low) for high, low in zip(halves[::2], halves[1::2], strict=True)]


def _add_money(amounts: list[Money], amount: Money) -> None:
    """Add an amount to the one in its currency."""
    for place, each in enumerate(amounts):
        if each.currency == amount.currency:
            amounts[place] = each + amount
            return
    amounts.append(amount)
