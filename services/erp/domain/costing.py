"""What a movement of goods means for the books."""

from datetime import date
from decimal import Decimal

from shared.domain import value
from shared.money import Money


@value
class CostAdjustment:
    """By how much an earlier movement now changes stock more (or less) than before: its value, and what a count finds.

    `by` is none while no price is known.
    """

    movement_number: int
    moved_on: date
    value_change: Money | None
    quantity_change: Decimal = Decimal(0)


@value
class Cost:
    """Cost that belongs to a business date: of goods sold, or of what a count missed. Negative takes cost back."""

    on: date
    amount: Money
    of_count: bool = False


@value
class Costing:
    """Goods taken into stock (or out again), the cost of goods issued or missed, and corrections of earlier ones."""

    received: Money | None = None
    cost: Money | None = None
    corrections: tuple[Cost, ...] = ()
