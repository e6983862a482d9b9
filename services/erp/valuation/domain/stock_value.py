"""StockValue: the value of one item in one warehouse."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.erp.valuation.domain.costing import CostAdjustment, CostCorrection, CostingResult
from services.erp.valuation.domain.moving_average import ZERO, Movement, MovementKey, StockBalance
from services.erp.valuation.domain.stock_movements import RecostedMovement, StockMovements
from shared.domain import Aggregate, event
from shared.money import Money


class StockValue(Aggregate):
    """Value of an item in a warehouse by moving average, in the currency of its first receipt.

    Movements are ordered by business date and arrival, a count at the end of its day. One that arrives late,
    is reversed or is repriced re-costs those after it.
    """

    @classmethod
    def create_id(cls, sku: str, warehouse: str) -> UUID:
        return cls.derive_id(warehouse, sku)

    @event("Opened")
    def __init__(self, sku: str, warehouse: str) -> None:
        self.currency: str | None = None
        self.last_movement_number = 0
        self.movements = StockMovements()
        self._receipts: dict[UUID, tuple[MovementKey, ...]] = {}

    @property
    def balance(self) -> StockBalance:
        """Quantity and value after all movements."""
        return self.movements.balance

    @property
    def quantity(self) -> Decimal:
        return self.balance.quantity

    @property
    def value(self) -> Money | None:
        """Value on hand; none before the first receipt."""
        return self._amount_or_none(self.balance.value)

    def await_price(self, receipt_id: UUID, received_on: date, quantity: Decimal) -> int:
        """Reserve and return a movement number for received goods whose price is not known yet."""
        self._receipt_awaiting_price(receipt_id=receipt_id, received_on=received_on, quantity=quantity)
        return self.last_movement_number

    def receive(
        self, receipt_id: UUID, received_on: date, quantity: Decimal, paid: Money, place: int | None = None
    ) -> CostingResult:
        """Receive purchased goods. In another currency than that of the first receipt they stay without value."""
        if self.currency not in (None, paid.currency):
            self._valuation_skipped(
                receipt_id=receipt_id, received_on=received_on, quantity=quantity, purchase_cost=paid
            )
            return CostingResult()
        number = place or self.last_movement_number + 1
        new = Movement(received_on, number, quantity, paid.amount, ZERO)
        move, later = self.movements.cost_inserted(new, paid.currency)
        worth = Money(move.change, paid.currency)
        self._received(number, receipt_id, received_on, quantity, paid, worth)
        return CostingResult(
            paid, None, _sales_cost_correction(received_on, paid - worth) + self._adjust_costs(receipt_id, later)
        )

    def reverse_receipt(self, receipt_id: UUID) -> tuple[CostingResult, ...]:
        """Reverse a receipt as if its goods had never arrived; without effect if they have no value."""
        places = self._receipts.get(receipt_id, ())
        return tuple(self._reverse_movement(receipt_id, self.movements.get(place)) for place in places)

    def reprice(self, receipt_id: UUID, paid: Sequence[Money]) -> tuple[CostingResult, ...]:
        """Set revised costs of a receipt, in order of its lines: goods on hand and cost of goods sold change."""
        places = self._receipts.get(receipt_id, ())
        repriced = zip(places, paid, strict=bool(places))
        return tuple(
            self._reprice_movement(receipt_id, move, each)
            for place, each in repriced
            if (move := self.movements.get(place)).paid != each.amount
        )

    def issue(self, shipment_id: UUID, issued_on: date, quantity: Decimal) -> CostingResult:
        """Issue goods. Those beyond stock cost the last known unit cost until a receipt corrects it."""
        number = self.last_movement_number + 1
        move, later = self.movements.cost_inserted(Movement(issued_on, number, -quantity, ZERO, ZERO), self.currency)
        cost = self._amount_or_none(-move.change)
        self._issued(number, shipment_id, issued_on, quantity, cost)
        return CostingResult(cost=cost, corrections=self._adjust_costs(shipment_id, later))

    def count(self, count_id: UUID, counted_on: date, quantity: Decimal) -> CostingResult:
        """Set the quantity at the end of that day, also against later arrivals: missing goods are a cost."""
        number = self.last_movement_number + 1
        new = Movement(counted_on, number, ZERO, ZERO, ZERO, quantity)
        move, later = self.movements.cost_inserted(new, self.currency)
        worth = self._amount_or_none(move.change)
        self._counted(number, count_id, counted_on, quantity, move.quantity, worth)
        return CostingResult(cost=worth and -worth, corrections=self._adjust_costs(count_id, later))

    def _reverse_movement(self, receipt_id: UUID, move: Movement) -> CostingResult:
        later = self.movements.cost_without(move, self.currency)
        paid, worth = self._amount(move.paid), self._amount(move.change)
        self._receipt_reversed(move.number, receipt_id, move.on, move.quantity, paid, worth)
        return CostingResult(
            -paid, None, _sales_cost_correction(move.on, worth - paid) + self._adjust_costs(receipt_id, later)
        )

    def _reprice_movement(self, receipt_id: UUID, move: Movement, paid: Money) -> CostingResult:
        new, later = self.movements.cost_replaced(replace(move, paid=paid.amount), self.currency)
        more, by = paid - self._amount(move.paid), self._amount(new.change - move.change)
        self._repriced(move.number, receipt_id, move.on, paid, by)
        return CostingResult(
            more, None, _sales_cost_correction(move.on, more - by) + self._adjust_costs(receipt_id, later)
        )

    def _adjust_costs(self, cause: UUID, later: Iterable[RecostedMovement]) -> tuple[CostCorrection, ...]:
        changes = [
            (now, self._amount_or_none(now.change - before.change), now.quantity - before.quantity)
            for before, now in later
        ]
        if changes:
            adjustments = (CostAdjustment(now.number, now.on, by, quantity) for now, by, quantity in changes)
            self._costs_adjusted(caused_by_id=cause, changes=tuple(adjustments))
        return tuple(CostCorrection(now.on, -by, now.is_count) for now, by, _ in changes if by)

    def _amount_or_none(self, amount: Decimal) -> Money | None:
        return Money(amount, self.currency) if self.currency else None

    def _amount(self, amount: Decimal) -> Money:
        assert self.currency is not None
        return Money(amount, self.currency)

    def _insert_movement(self, move: Movement) -> None:
        self.movements.insert(move)
        self.last_movement_number = max(self.last_movement_number, move.number)

    @event("ReceiptAwaitingPrice")
    def _receipt_awaiting_price(self, receipt_id: UUID, received_on: date, quantity: Decimal) -> None:
        self.last_movement_number += 1

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
        self._insert_movement(move)
        self._receipts[receipt_id] = (*self._receipts.get(receipt_id, ()), move.sort_key)

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
        self.movements.remove(self.movements.get(place))
        self._receipts[receipt_id] = tuple(each for each in self._receipts[receipt_id] if each != place)

    @event("Repriced")
    def _repriced(
        self, movement_number: int, receipt_id: UUID, received_on: date, purchase_cost: Money, value_change: Money
    ) -> None:
        move = self.movements.get((received_on, False, movement_number))
        self.movements.replace(replace(move, paid=purchase_cost.amount, change=move.change + value_change.amount))

    @event("Issued")
    def _issued(
        self, movement_number: int, shipment_id: UUID, issued_on: date, quantity: Decimal, cost: Money | None
    ) -> None:
        change = ZERO if cost is None else -cost.amount
        self._insert_movement(Movement(issued_on, movement_number, -quantity, ZERO, change))

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
        change = ZERO if value_change is None else value_change.amount
        self._insert_movement(Movement(counted_on, movement_number, difference, ZERO, change, counted_quantity))

    @event("CostsAdjusted")
    def _costs_adjusted(self, caused_by_id: UUID, changes: tuple[CostAdjustment, ...]) -> None:
        self.movements.apply_adjustments(changes)

    @event("ValuationSkipped")
    def _valuation_skipped(self, receipt_id: UUID, received_on: date, quantity: Decimal, purchase_cost: Money) -> None:
        pass


def _sales_cost_correction(on: date, amount: Money) -> tuple[CostCorrection, ...]:
    """Return a correction of the cost of goods sold, or no correction for zero."""
    return (CostCorrection(on, amount),) if amount else ()
