"""Amounts in other currencies than that of a statement: each statement names them, so that none is left out unseen."""

from collections.abc import Callable, Mapping
from typing import Any

Totals = Mapping[str, Any]
OTHER_CURRENCIES = "other_currencies"
"""The member of a statement with its totals in each other currency in which there is something."""


def name_other_currencies(
    by_currency: Mapping[str, Any], currency: str, totals_in: Callable[[str], Totals]
) -> dict[str, Any]:
    """Return the member of a statement in one currency that names the others, each with its totals."""
    others = sorted(each for each in by_currency if each != currency)
    return {OTHER_CURRENCIES: [{"currency": each, "totals": totals_in(each)} for each in others]}
