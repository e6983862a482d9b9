"""Amounts in other currencies than that of a statement: each statement names them, so that none is left out unseen."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.fields import Currency

Totals = Mapping[str, Any]
Shape = Mapping[str, Any]
OTHER_CURRENCIES = "other_currencies"
"""The member of a statement with its totals in each other currency in which there is something."""


def statement_shape(days: Shape, row: Shape, totals: Shape, **others: Any) -> Shape:
    """Return the shape of a statement: its days, rows and totals, and its totals in other currencies."""
    return {**days, "rows": [row], "totals": totals, **shape_of_other_currencies(totals), **others}


def shape_of_other_currencies(totals: Shape) -> Shape:
    """Return the shape of the member that names the other currencies, each with such totals."""
    return {OTHER_CURRENCIES: [{"currency": Currency, "totals": totals}]}


def name_other_currencies(
    by_currency: Mapping[str, Any], currency: str, totals_in: Callable[[str], Totals]
) -> dict[str, Any]:
    """Return the member of a statement in one currency that names the others, each with its totals."""
    others = sorted(each for each in by_currency if each != currency)
    return {OTHER_CURRENCIES: [{"currency": each, "totals": totals_in(each)} for each in others]}
