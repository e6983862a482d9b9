"""Moving average cost of goods, in order of business dates and instants.

Each movement changes the stock value by an amount that depends on the movements before it: a receipt
adds what was paid; an issue takes value x quantity / on hand, half up, and all of the value if no
goods remain. Goods issued beyond stock cost the last known unit cost; the next
receipt corrects that: goods on hand after it are valued at its price.
A count sets the quantity in its place: differences are valued at the average, or at the last known
unit cost if no goods were on hand. Goods that were found, or left, before the first receipt have its unit
price, the first that is known; 0 until there is one. Movements have the order of SCM: business day, instant,
order of arrival; opening stock comes before all others of its day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from shared.domain import value_object
from shared.money import Money

ZERO = Decimal(0)
TEN_DECIMALS = Decimal("1E-10")

BEFORE_ALL = datetime.min.replace(tzinfo=UTC)

MovementKey = tuple[date, datetime, int]
"""Sort key of a movement: business date, instant, then order of arrival."""


class MovementMoment(NamedTuple):
    """The business date and the instant of a movement, as SCM published them."""

    on: date
    at: datetime

    @classmethod
    def first_of(cls, day: date) -> "MovementMoment":
        """Return the moment before all others of a day: that of opening stock."""
        return cls(day, BEFORE_ALL)


@value_object
class Movement:
    """A quantity in (negative: out), what was paid for it, and the change of the stock value.

    `counted` is the counted quantity; `quantity` is then its difference from the expected quantity.
    """

    on: date
    at: datetime
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
    def unit_price(self) -> Decimal:
        """What a unit of a receipt cost, with all the decimals that a purchase price may have."""
        return (self.paid / self.quantity).quantize(TEN_DECIMALS, ROUND_HALF_UP)

    @property
    def sort_key(self) -> MovementKey:
        return self.on, self.at, self.number


@value_object
class StockBalance:
    """Quantity and value on hand after a movement. `unit_cost` is the last known one if the quantity is zero."""

    quantity: Decimal = ZERO
    value: Decimal = ZERO
    unit_cost: Decimal = ZERO

    def cost(self, move: Movement, currency: str | None) -> Movement:
        """Return the movement costed after this balance; without a currency its value is zero."""
        quantity = move.quantity if move.counted is None else move.counted - self.quantity
        change = Money.rounded(self._value_change(move, quantity), currency).amount if currency else ZERO
        same = (quantity, change) == (move.quantity, move.change)
        return move if same else replace(move, quantity=quantity, change=change)

    def _value_change(self, move: Movement, quantity: Decimal) -> Decimal:
        if move.counted is not None:
            return self._count_change(quantity, move.counted)
        return self._receipt_change(quantity, move.paid) if quantity > 0 else -self._issue_change(-quantity)

    def _count_change(self, difference: Decimal, counted: Decimal) -> Decimal:
        if self.quantity > 0:
            return self.value * difference / self.quantity
        return counted * self.unit_cost - self.value

    def _receipt_change(self, quantity: Decimal, paid: Decimal) -> Decimal:
        if self.quantity >= 0:
            return paid
        return paid * (self.quantity + quantity) / quantity - self.value

    def _issue_change(self, quantity: Decimal) -> Decimal:
        if self.quantity <= 0:
            return quantity * self.unit_cost
        if quantity < self.quantity:
            return self.value * quantity / self.quantity
        return self.value + (quantity - self.quantity) * self.unit_cost

    def apply(self, move: Movement) -> "StockBalance":
        quantity, worth = self.quantity + move.quantity, self.value + move.change
        known = _unit_cost(quantity, worth, move)
        return StockBalance(quantity, worth, self.unit_cost if known is None else known)


def _unit_cost(quantity: Decimal, worth: Decimal, last: Movement) -> Decimal | None:
    """Return the average of goods on hand, else the price of the last movement if it is a receipt, else none."""
    if quantity > 0:
        return (worth / quantity).quantize(TEN_DECIMALS, ROUND_HALF_UP)
    if last.is_receipt:
        return (last.paid / last.quantity).quantize(TEN_DECIMALS, ROUND_HALF_UP)
    return None


def first_price(moves: Iterable[Movement]) -> Decimal:
    """Return the unit price of the first receipt among these movements, 0 without one."""
    return next((each.unit_price for each in moves if each.is_receipt), ZERO)


def balance_with_last_unit_cost(
    moves: Sequence[Movement], quantity: Decimal, worth: Decimal, first_known: Decimal = ZERO
) -> StockBalance:
    """Return the balance of this quantity and value, with the last unit cost known after these movements."""
    before, worth_before = quantity, worth
    for each in reversed(moves):
        known = _unit_cost(before, worth_before, each)
        if known is not None:
            return StockBalance(quantity, worth, known)
        before, worth_before = before - each.quantity, worth_before - each.change
    return StockBalance(quantity, worth, first_known)


def recost_movements(balance: StockBalance, moves: Sequence[Movement], currency: str | None) -> list[Movement]:
    """Return the movements costed from this balance on; unchanged ones are the same objects."""
    costed = []
    for each in moves:
        costed.append(balance.cost(each, currency))
        balance = balance.apply(costed[-1])
    return costed
