"""What goods cost: the moving average over what was bought before them, in business time.

Each movement changes the value of stock by an amount that follows from the movements before it:
a receipt adds what was paid; an issue takes value x quantity / on hand, half up, and the last piece
takes the rest. Issued beyond what is there, goods cost the last known unit cost (0 before the first
receipt); the next receipt puts that right: what is on hand after it is worth that receipt's price.
A count says what was there at the end of its day: what it finds or misses is worth the average, or
the last known unit cost where nothing was on hand.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from shared.domain import value
from shared.money import Money

NOTHING = Decimal(0)
FOUR_DECIMALS = Decimal("0.0001")

Place = tuple[date, bool, int]
"""Where a movement stands: its business date, counts after all others of the day, then the order of arrival."""


@value
class Movement:
    """A quantity in (or out, if negative), what was paid for it, and by how much it changed the value of stock.

    `counted` is what a count found; its quantity is by how much that differs from what was thought to be there.
    """

    on: date
    number: int
    quantity: Decimal
    paid: Decimal
    change: Decimal
    counted: Decimal | None = None

    @property
    def is_count(self) -> bool:
        return self.counted is not None

    @property
    def is_receipt(self) -> bool:
        return self.quantity > 0 and not self.is_count

    @property
    def place(self) -> Place:
        return self.on, self.is_count, self.number


@value
class Standing:
    """What is on hand after a movement. `unit_cost` is the last known one where nothing is on hand."""

    quantity: Decimal = NOTHING
    value: Decimal = NOTHING
    unit_cost: Decimal = NOTHING

    def costed(self, move: Movement, currency: str | None) -> Movement:
        """The movement as it comes after this; without a currency no value is known."""
        quantity = move.quantity if move.counted is None else move.counted - self.quantity
        change = Money.rounded(self._change_by(move, quantity), currency).amount if currency else NOTHING
        same = (quantity, change) == (move.quantity, move.change)
        return move if same else replace(move, quantity=quantity, change=change)

    def _change_by(self, move: Movement, quantity: Decimal) -> Decimal:
        if move.counted is not None:
            return self._count(quantity, move.counted)
        return self._receipt(quantity, move.paid) if quantity > 0 else -self._issue(-quantity)

    def _count(self, difference: Decimal, counted: Decimal) -> Decimal:
        if self.quantity > 0:
            return self.value * difference / self.quantity
        return counted * self.unit_cost - self.value

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
    if last.is_receipt:
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


def recosted(standing: Standing, moves: Sequence[Movement], currency: str | None) -> list[Movement]:
    """The same movements, costed from this standing on; those that stay as they were are the same objects."""
    costed = []
    for each in moves:
        costed.append(standing.costed(each, currency))
        standing = standing.after(costed[-1])
    return costed
