"""Comparison of a column with a value, as a condition in SQL."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from shared.money import Money
from shared.projections.column_types import ABSENT, COLUMN_TYPES, INTEGER, LARGEST, TEXT, Stored, encode_column, scaled
from shared.projections.row_table import stored_columns, value_column

ALIKE = "alike"
SIGNS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

Condition = tuple[str, list[Stored]]
NOTHING: Condition = ("1=0", [])


def compare_column(column: str, column_type: type, operator: str, value: Any) -> Condition:
    """Return the condition that a column is equal to a value, or greater or less than it.

    A number is compared with amounts in any currency, `Money` only with amounts in its own. No value (None) is less
    than every other, but only `eq`, `gte` and `lte` None match it.
    """
    if value is None:
        return _compare_with_absent(column, column_type, operator)
    name, decimals = value_column(column, column_type), COLUMN_TYPES[column_type].decimals
    if decimals is None:
        same = _compare_present(name, operator, encode_column(column_type, value)[COLUMN_TYPES[column_type].value_part])
        is_indexed_alike = operator == "eq" and COLUMN_TYPES[column_type].alike_part is not None
        return join_conditions([compare_alike(column, column_type, value), same], " AND ") if is_indexed_alike else same
    amount = value.amount if isinstance(value, Money) else value
    compared = _compare_integer(name, operator, scaled(amount, decimals))
    in_currency: list[Condition] = [(f"{name}_currency=?", [value.currency])] if isinstance(value, Money) else []
    return join_conditions([compared, *in_currency], " AND ")


def compare_alike(column: str, column_type: type, value: Any) -> Condition:
    """Return the condition that a text is the same as another, as people read it; other values are equal."""
    part = COLUMN_TYPES[column_type].alike_part
    if part is None or value is None:
        return compare_column(column, column_type, "eq", value)
    return _compare_present(
        stored_columns(column, column_type)[part].name, "eq", encode_column(column_type, value)[part]
    )


def _compare_with_absent(column: str, column_type: type, operator: str) -> Condition:
    first = stored_columns(column, column_type)[0]
    sign = {"eq": "=", "lte": "=", "gt": ">", "gte": ">="}.get(operator)
    return (f"{first.name}{sign}?", [ABSENT[first.sql_type]]) if sign else NOTHING


def _compare_present(name: str, operator: str, value: Stored) -> Condition:
    sign = SIGNS[operator]
    if sign[0] == "<":
        return f"({name}{sign}? AND {name}>?)", [value, ABSENT[TEXT if isinstance(value, str) else INTEGER]]
    return f"{name}{sign}?", [value]


def _compare_integer(name: str, operator: str, number: Decimal) -> Condition:
    """Compare stored integers with a number that may lie between two of them, or beyond all."""
    floor = number.to_integral_value(ROUND_FLOOR)
    if abs(floor) >= LARGEST:
        matches_all = operator != "eq" and (operator[0] == "l") == (number > 0)
        return (f"{name}>?", [ABSENT[INTEGER]]) if matches_all else NOTHING
    if floor == number:
        return _compare_present(name, operator, int(number))
    return NOTHING if operator == "eq" else _compare_present(name, "gt" if operator[0] == "g" else "lte", int(floor))


def join_conditions(conditions: Sequence[Condition], word: str) -> Condition:
    """Return the conditions joined by a word, in brackets."""
    return f"({word.join(condition for condition, _ in conditions)})", [v for _, values in conditions for v in values]
