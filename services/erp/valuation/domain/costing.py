"""Costs that result from movements of goods."""

from datetime import date
from decimal import Decimal

from shared.domain import value_object
from shared.money import Money


@value_object
class CostAdjustment:
    """Adjustment of an earlier movement by re-costing: change of its stock value and of its counted difference.

    `value_change` is none while no price is known.
    """

    movement_number: int
    moved_on: date
    value_change: Money | None
    quantity_change: Decimal = Decimal(0)


@value_object
class CostCorrection:
    """Correction of a posted cost at its date: of goods sold or of a count difference. Negative reduces it."""

    on: date
    amount: Money
    is_count_difference: bool = False


@value_object
class CostingResult:
    """What costing a movement leads to: value received into stock, cost of issued or missing goods, corrections."""

    received: Money | None = None
    cost: Money | None = None
    corrections: tuple[CostCorrection, ...] = ()
