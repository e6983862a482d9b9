"""Sums of amounts and quantities of any size, in two columns that SQL adds up exactly: a rest, and a carry."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

CARRY = Decimal(10) ** 12
"""What one carry counts; columns of decimals hold less than ten of it."""


def split_sum(name: str, total: Decimal) -> dict[str, Any]:
    """Return the two fields of a sum: what is left of it, and how often the carry is in it."""
    carried, rest = divmod(total, CARRY) if abs(total) >= CARRY else (0, total)
    return {name: rest, f"{name}_carry": int(carried)}


def join_sum(name: str, fields: Mapping[str, Any]) -> Decimal:
    """Return the sum with these fields, those of one row or added up."""
    carried: int = fields[f"{name}_carry"]
    return Decimal(fields[name]) + carried * CARRY if carried else Decimal(fields[name])


def sum_columns(*names: str) -> dict[str, type]:
    """Return the columns of these sums."""
    return {column: kind for name in names for column, kind in ((name, Decimal), (f"{name}_carry", int))}
