"""StockValue: what the goods of one item in one warehouse are worth."""

from bisect import bisect_left
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.erp.domain.moving_average import NOTHING, Movement, Standing, recosted, standing_after
from shared.domain import Aggregate, derived_id, event, value
from shared.money import Money


@value
class Recosting:
    """By how much an earlier costed movement now changes the value of stock more (or less) than before."""

    number: int
    on: date
    by: Money


@value
class Cost:
    """Cost of goods sold that belongs to a business date; negative takes cost back."""

    on: date
    amount: Money


@value
class Costing:
    """What a movement means for the books: goods taken into stock, the cost of goods issued, and what is corrected."""

    received: Money | None = None
    cost: Money | None = None
    corrections: tuple[Cost, ...] = ()


class StockValue(Aggregate):
    """The value of an item in a warehouse by moving average, in the currency of its first receipt.

    Movements count in order of (business date, arrival). One that comes late re-costs those after it.
    """

    @staticmethod
    def create_id(sku: str, warehouse: str) -> UUID:
        return derived_id("stock-value", warehouse, sku)

    @event("Opened")
    def __init__(self, sku: str, warehouse: str) -> None:
        self.currency: str | None = None
        self.arrivals = 0
        self.standing = Standing()
        self._moves: list[Movement] = []

    @property
    def quantity(self) -> Decimal:
        return self.standing.quantity

    @property
    def value(self) -> Money | None:
        """None before the first receipt."""
        return self._money(self.standing.value)

    def announce(self, receipt_id: UUID, received_on: date, quantity: Decimal) -> int:
        """Goods have come whose price is not known yet: keep their place among the movements."""
        self._announced(receipt_id=receipt_id, received_on=received_on, quantity=quantity)
        return self.arrivals

    def receive(
        self, receipt_id: UUID, received_on: date, quantity: Decimal, paid: Money, place: int | None = None
    ) -> Costing:
        """Goods were bought. In a currency other than that of the first receipt they stay without value."""
        if self.currency not in (None, paid.currency):
            self._left_unvalued(receipt_id=receipt_id, received_on=received_on, quantity=quantity, paid=paid)
            return Costing()
        number = place or self.arrivals + 1
        move, later = self._costed(Movement(received_on, number, quantity, paid.amount, NOTHING), paid.currency)
        worth = Money(move.change, paid.currency)
        self._received(number, receipt_id, received_on, quantity, paid, worth)
        early = (Cost(received_on, paid - worth),) if worth != paid else ()
        return Costing(received=paid, corrections=early + self._recost(receipt_id, later))

    def issue(self, shipment_id: UUID, issued_on: date, quantity: Decimal) -> Costing:
        """Goods have left. Those not there yet cost the last known unit cost until a receipt corrects it."""
        number = self.arrivals + 1
        move, later = self._costed(Movement(issued_on, number, -quantity, NOTHING, NOTHING), self.currency)
        cost = self._money(-move.change)
        self._issued(number, shipment_id, issued_on, quantity, cost)
        return Costing(cost=cost, corrections=self._recost(shipment_id, later))

    def _costed(self, move: Movement, currency: str | None) -> tuple[Movement, tuple[Recosting, ...]]:
        """The movement in its place, and what it changes for those after it."""
        if currency is None:
            return move, ()
        at = self._place_of(move)
        standing = self._standing_before(at)
        costed = replace(move, change=standing.change_by(move.quantity, move.paid, currency))
        before = self._moves[at:]
        after = recosted(standing.after(costed), before, currency)
        changes = ((old.number, old.on, new.change - old.change) for old, new in zip(before, after, strict=True))
        return costed, tuple(Recosting(number, on, Money(by, currency)) for number, on, by in changes if by)

    def _recost(self, cause: UUID, changes: tuple[Recosting, ...]) -> tuple[Cost, ...]:
        if changes:
            self._recosted(cause=cause, changes=changes)
        return tuple(Cost(each.on, -each.by) for each in changes)

    def _place_of(self, move: Movement) -> int:
        if not self._moves or move.place > self._moves[-1].place:
            return len(self._moves)
        return bisect_left(self._moves, move.place, key=lambda each: each.place)

    def _standing_before(self, at: int) -> Standing:
        later = self._moves[at:]
        if not later:
            return self.standing
        quantity = self.standing.quantity - sum(each.quantity for each in later)
        worth = self.standing.value - sum(each.change for each in later)
        return standing_after(self._moves[:at], quantity, worth)

    def _money(self, amount: Decimal) -> Money | None:
        return Money(amount, self.currency) if self.currency else None

    def _take(self, move: Movement) -> None:
        at = self._place_of(move)
        self._moves.insert(at, move)
        self.arrivals = max(self.arrivals, move.number)
        after = self.standing.after(move)
        is_last = at == len(self._moves) - 1
        self.standing = after if is_last else standing_after(self._moves, after.quantity, after.value)

    @event("Announced")
    def _announced(self, receipt_id: UUID, received_on: date, quantity: Decimal) -> None:
        self.arrivals += 1

    @event("Received")
    def _received(
        self, number: int, receipt_id: UUID, received_on: date, quantity: Decimal, paid: Money, worth: Money
    ) -> None:
        self.currency = paid.currency
        self._take(Movement(received_on, number, quantity, paid.amount, worth.amount))

    @event("Issued")
    def _issued(self, number: int, shipment_id: UUID, issued_on: date, quantity: Decimal, cost: Money | None) -> None:
        change = NOTHING if cost is None else -cost.amount
        self._take(Movement(issued_on, number, -quantity, NOTHING, change))

    @event("Recosted")
    def _recosted(self, cause: UUID, changes: tuple[Recosting, ...]) -> None:
        by = {each.number: each.by.amount for each in changes}
        at = len(self._moves)
        while by:
            at -= 1
            move = self._moves[at]
            self._moves[at] = replace(move, change=move.change + by.pop(move.number, NOTHING))
        worth = self.standing.value + sum(each.by.amount for each in changes)
        self.standing = standing_after(self._moves, self.standing.quantity, worth)

    @event("LeftUnvalued")
    def _left_unvalued(self, receipt_id: UUID, received_on: date, quantity: Decimal, paid: Money) -> None:
        pass
