"""StockValue: what the goods of one item in one warehouse are worth."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.erp.domain.costing import Cost, CostAdjustment, Costing
from services.erp.domain.movements import Edited, Movements
from services.erp.domain.moving_average import NOTHING, Movement, Place, Standing
from shared.domain import Aggregate, event
from shared.money import Money


class StockValue(Aggregate):
    """The value of an item in a warehouse by moving average, in the currency of its first receipt.

    Movements count in order of (business date, arrival), a count at the end of its day. One that comes late,
    is taken back or gets another price re-costs those after it.
    """

    @classmethod
    def create_id(cls, sku: str, warehouse: str) -> UUID:
        return cls.derive_id(warehouse, sku)

    @event("Opened")
    def __init__(self, sku: str, warehouse: str) -> None:
        self.currency: str | None = None
        self.arrivals = 0
        self.movements = Movements()
        self._receipts: dict[UUID, tuple[Place, ...]] = {}

    @property
    def standing(self) -> Standing:
        """What is on hand after everything heard."""
        return self.movements.standing

    @property
    def quantity(self) -> Decimal:
        return self.standing.quantity

    @property
    def value(self) -> Money | None:
        """None before the first receipt."""
        return self._money(self.standing.value)

    def announce(self, receipt_id: UUID, received_on: date, quantity: Decimal) -> int:
        """Goods have come whose price is not known yet: keep their place among the movements."""
        self._receipt_awaiting_price(receipt_id=receipt_id, received_on=received_on, quantity=quantity)
        return self.arrivals

    def receive(
        self, receipt_id: UUID, received_on: date, quantity: Decimal, paid: Money, place: int | None = None
    ) -> Costing:
        """Goods were bought. In a currency other than that of the first receipt they stay without value."""
        if self.currency not in (None, paid.currency):
            self._valuation_skipped(
                receipt_id=receipt_id, received_on=received_on, quantity=quantity, purchase_cost=paid
            )
            return Costing()
        number = place or self.arrivals + 1
        new = Movement(received_on, number, quantity, paid.amount, NOTHING)
        move, later = self.movements.with_one(new, paid.currency)
        worth = Money(move.change, paid.currency)
        self._received(number, receipt_id, received_on, quantity, paid, worth)
        return Costing(paid, None, _sold(received_on, paid - worth) + self._recost(receipt_id, later))

    def take_back(self, receipt_id: UUID) -> tuple[Costing, ...]:
        """The receipt was a mistake: its goods never came. Nothing happens where none of it has a value."""
        places = self._receipts.get(receipt_id, ())
        return tuple(self._take_back(receipt_id, self.movements.at(place)) for place in places)

    def reprice(self, receipt_id: UUID, paid: Sequence[Money]) -> tuple[Costing, ...]:
        """The goods of a receipt cost this much, in order of its lines: what is still there is worth more or less."""
        places = self._receipts.get(receipt_id, ())
        repriced = zip(places, paid, strict=bool(places))
        return tuple(
            self._reprice(receipt_id, move, each)
            for place, each in repriced
            if (move := self.movements.at(place)).paid != each.amount
        )

    def issue(self, shipment_id: UUID, issued_on: date, quantity: Decimal) -> Costing:
        """Goods have left. Those not there yet cost the last known unit cost until a receipt corrects it."""
        number = self.arrivals + 1
        move, later = self.movements.with_one(Movement(issued_on, number, -quantity, NOTHING, NOTHING), self.currency)
        cost = self._money(-move.change)
        self._issued(number, shipment_id, issued_on, quantity, cost)
        return Costing(cost=cost, corrections=self._recost(shipment_id, later))

    def count(self, count_id: UUID, counted_on: date, quantity: Decimal) -> Costing:
        """So much was there at the end of that day, whatever else is heard of it: what is missing is a cost."""
        number = self.arrivals + 1
        new = Movement(counted_on, number, NOTHING, NOTHING, NOTHING, quantity)
        move, later = self.movements.with_one(new, self.currency)
        worth = self._money(move.change)
        self._counted(number, count_id, counted_on, quantity, move.quantity, worth)
        return Costing(cost=worth and -worth, corrections=self._recost(count_id, later))

    def _take_back(self, receipt_id: UUID, move: Movement) -> Costing:
        later = self.movements.without(move, self.currency)
        paid, worth = self._known(move.paid), self._known(move.change)
        self._receipt_reversed(move.number, receipt_id, move.on, move.quantity, paid, worth)
        return Costing(-paid, None, _sold(move.on, worth - paid) + self._recost(receipt_id, later))

    def _reprice(self, receipt_id: UUID, move: Movement, paid: Money) -> Costing:
        new, later = self.movements.with_other(replace(move, paid=paid.amount), self.currency)
        more, by = paid - self._known(move.paid), self._known(new.change - move.change)
        self._repriced(move.number, receipt_id, move.on, paid, by)
        return Costing(more, None, _sold(move.on, more - by) + self._recost(receipt_id, later))

    def _recost(self, cause: UUID, later: Iterable[Edited]) -> tuple[Cost, ...]:
        changes = [
            (now, self._money(now.change - before.change), now.quantity - before.quantity) for before, now in later
        ]
        if changes:
            recostings = (CostAdjustment(now.number, now.on, by, quantity) for now, by, quantity in changes)
            self._costs_adjusted(caused_by_id=cause, changes=tuple(recostings))
        return tuple(Cost(now.on, -by, now.is_count) for now, by, _ in changes if by)

    def _money(self, amount: Decimal) -> Money | None:
        return Money(amount, self.currency) if self.currency else None

    def _known(self, amount: Decimal) -> Money:
        assert self.currency is not None
        return Money(amount, self.currency)

    def _take(self, move: Movement) -> None:
        self.movements.insert(move)
        self.arrivals = max(self.arrivals, move.number)

    @event("ReceiptAwaitingPrice")
    def _receipt_awaiting_price(self, receipt_id: UUID, received_on: date, quantity: Decimal) -> None:
        self.arrivals += 1

    @event("Received")
    def _received(
        self,
        movement_number: int,
        receipt_id: UUID,
        received_on: date,
        quantity: Decimal,
        purchase_cost: Money,
        stock_value: Money,
    ) -> None:
        self.currency = purchase_cost.currency
        move = Movement(received_on, movement_number, quantity, purchase_cost.amount, stock_value.amount)
        self._take(move)
        self._receipts[receipt_id] = (*self._receipts.get(receipt_id, ()), move.place)

    @event("ReceiptReversed")
    def _receipt_reversed(
        self,
        movement_number: int,
        receipt_id: UUID,
        received_on: date,
        quantity: Decimal,
        purchase_cost: Money,
        stock_value: Money,
    ) -> None:
        place = received_on, False, movement_number
        self.movements.remove(self.movements.at(place))
        self._receipts[receipt_id] = tuple(each for each in self._receipts[receipt_id] if each != place)

    @event("Repriced")
    def _repriced(
        self, movement_number: int, receipt_id: UUID, received_on: date, purchase_cost: Money, value_change: Money
    ) -> None:
        move = self.movements.at((received_on, False, movement_number))
        self.movements.replace(replace(move, paid=purchase_cost.amount, change=move.change + value_change.amount))

    @event("Issued")
    def _issued(
        self, movement_number: int, shipment_id: UUID, issued_on: date, quantity: Decimal, cost: Money | None
    ) -> None:
        change = NOTHING if cost is None else -cost.amount
        self._take(Movement(issued_on, movement_number, -quantity, NOTHING, change))

    @event("Counted")
    def _counted(
        self,
        movement_number: int,
        count_id: UUID,
        counted_on: date,
        counted_quantity: Decimal,
        difference: Decimal,
        value_change: Money | None,
    ) -> None:
        change = NOTHING if value_change is None else value_change.amount
        self._take(Movement(counted_on, movement_number, difference, NOTHING, change, counted_quantity))

    @event("CostsAdjusted")
    def _costs_adjusted(self, caused_by_id: UUID, changes: tuple[CostAdjustment, ...]) -> None:
        self.movements.shift(changes)

    @event("ValuationSkipped")
    def _valuation_skipped(self, receipt_id: UUID, received_on: date, quantity: Decimal, purchase_cost: Money) -> None:
        pass


def _sold(on: date, amount: Money) -> tuple[Cost, ...]:
    """A correction of the cost of goods sold, unless it is nothing."""
    return (Cost(on, amount),) if amount else ()
