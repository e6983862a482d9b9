"""Costs that result from movements of goods."""

from datetime import date
from decimal import Decimal

from shared.domain import value_object
from shared.money import Money


@value_object
class CostAdjustment:
    """Adjustment of an earlier movement: additional change (negative: less) of stock value and counted difference.

    `value_change` is none while no price is known.
    """

    movement_number: int
    moved_on: date
    value_change: Money | None
    quantity_change: Decimal = Decimal(0)


@value_object
class DatedCost:
    """Cost at a business date: of goods sold, or of a count difference. Negative reduces an earlier cost."""

    on: date
    amount: Money
    is_count_difference: bool = False


@value_object
class CostingResult:
    """Value received into stock (negative: reversed), cost of issued or missing goods, corrections of earlier costs."""

    received: Money | None = None
    cost: Money | None = None
    corrections: tuple[DatedCost, ...] = ()
