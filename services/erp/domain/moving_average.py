"""What goods cost: the moving average over what was bought before them, in business time.

Each movement changes the value of stock by an amount that follows from the movements before it:
a receipt adds what was paid; an issue takes value x quantity / on hand, half up, and the last piece
takes the rest. Issued beyond what is there, goods cost the last known unit cost (0 before the first
receipt); the next receipt puts that right: what is on hand after it is worth that receipt's price.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from shared.domain import value
from shared.money import Money

NOTHING = Decimal(0)
FOUR_DECIMALS = Decimal("0.0001")

Place = tuple[date, int]
"""Where a movement stands: its business date, then the order of arrival."""


@value
class Movement:
    """A quantity in (or out, if negative), what was paid for it, and by how much it changed the value of stock."""

    on: date
    number: int
    quantity: Decimal
    paid: Decimal
    change: Decimal

    @property
    def place(self) -> Place:
        return self.on, self.number


@value
class Standing:
    """What is on hand after a movement. `unit_cost` is the last known one where nothing is on hand."""

    quantity: Decimal = NOTHING
    value: Decimal = NOTHING
    unit_cost: Decimal = NOTHING

    def change_by(self, quantity: Decimal, paid: Decimal, currency: str) -> Decimal:
        """By how much a movement changes the value of stock, to the currency's digits."""
        exact = self._receipt(quantity, paid) if quantity > 0 else -self._issue(-quantity)
        return Money.rounded(exact, currency).amount

    def _receipt(self, quantity: Decimal, paid: Decimal) -> Decimal:
        if self.quantity >= 0:
            return paid
        return paid * (self.quantity + quantity) / quantity - self.value

    def _issue(self, quantity: Decimal) -> Decimal:
        if self.quantity <= 0:
            return quantity * self.unit_cost
        if quantity < self.quantity:
            return self.value * quantity / self.quantity
        return self.value + (quantity - self.quantity) * self.unit_cost

    def after(self, move: Movement) -> "Standing":
        quantity, worth = self.quantity + move.quantity, self.value + move.change
        known = _unit_cost(quantity, worth, move)
        return Standing(quantity, worth, self.unit_cost if known is None else known)


def _unit_cost(quantity: Decimal, worth: Decimal, last: Movement) -> Decimal | None:
    """The average of what is on hand, else the price of a receipt that came last, else nothing new is known."""
    if quantity > 0:
        return (worth / quantity).quantize(FOUR_DECIMALS, ROUND_HALF_UP)
    if last.quantity > 0:
        return (last.paid / last.quantity).quantize(FOUR_DECIMALS, ROUND_HALF_UP)
    return None


def standing_after(moves: Sequence[Movement], quantity: Decimal, worth: Decimal) -> Standing:
    """What is on hand after these, its quantity and value given: the last known unit cost is looked for backwards."""
    before, worth_before = quantity, worth
    for each in reversed(moves):
        known = _unit_cost(before, worth_before, each)
        if known is not None:
            return Standing(quantity, worth, known)
        before, worth_before = before - each.quantity, worth_before - each.change
    return Standing(quantity, worth)


def recosted(standing: Standing, moves: Sequence[Movement], currency: str) -> list[Movement]:
    """The same movements, costed from this standing on."""
    costed = []
    for each in moves:
        costed.append(replace(each, change=standing.change_by(each.quantity, each.paid, currency)))
        standing = standing.after(costed[-1])
    return costed
