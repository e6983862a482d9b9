"""StockValue: the value of one item in one warehouse."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from services.erp.valuation.domain.costing import CostAdjustment, CostCorrection, CostingResult
from services.erp.valuation.domain.moving_average import ZERO, Movement, MovementKey, MovementMoment, StockBalance
from services.erp.valuation.domain.stock_movements import RecostedMovement, StockMovements
from shared.domain import Aggregate, event
from shared.money import Money


class StockValue(Aggregate):
    """Value of an item in a warehouse by moving average, in the currency of its first receipt.

    Movements are ordered by business date, instant and arrival. One that arrives late, is reversed or is repriced
    re-costs those after it.
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
        self._used_up: tuple[date, Decimal] | None = None

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

    def await_price(self, receipt_id: UUID, moment: MovementMoment, quantity: Decimal) -> int:
        """Reserve and return a movement number for received goods whose price is not known yet."""
        self._receipt_awaiting_price(receipt_id=receipt_id, received_on=moment.on, quantity=quantity)
        return self.last_movement_number

    def receive(
        self, receipt_id: UUID, moment: MovementMoment, quantity: Decimal, paid: Money, number: int | None = None
    ) -> CostingResult:
        """Receive purchased goods. In another currency than that of the first receipt they stay without value."""
        if self.currency not in (None, paid.currency):
            self._valuation_skipped(receipt_id, moment.on, quantity, paid)
            return CostingResult()
        number = number or self.last_movement_number + 1
        worth, later = self._cost_of_goods_in(Movement(*moment, number, quantity, paid.amount, ZERO), paid.currency)
        self._received(number, receipt_id, *moment, quantity, paid, worth)
        return self._goods_in(receipt_id, moment.on, paid, worth, later)

    def add_opening_stock(self, opening_stock_id: UUID, on: date, quantity: Decimal, value: Money) -> CostingResult:
        """Add goods that were there before the first movement of the day, in the currency of the stock."""
        if self.currency not in (None, value.currency):
            self._valuation_skipped(opening_stock_id, on, quantity, value)
            return CostingResult()
        number, moment = self.last_movement_number + 1, MovementMoment.first_of(on)
        worth, later = self._cost_of_goods_in(Movement(*moment, number, quantity, value.amount, ZERO), value.currency)
        self._opening_stock_added(number, opening_stock_id, on, quantity, value, worth)
        return self._goods_in(opening_stock_id, on, value, worth, later)

    def reverse_opening_stock(self, opening_stock_id: UUID) -> tuple[CostingResult, ...]:
        """Reverse an opening stock as if its goods had never been there."""
        return self._reverse_goods_in(opening_stock_id, self._opening_stock_reversed)

    def reverse_receipt(self, receipt_id: UUID) -> tuple[CostingResult, ...]:
        """Reverse a receipt as if its goods had never arrived; without effect if they have no value."""
        return self._reverse_goods_in(receipt_id, self._receipt_reversed)

    def reprice(self, receipt_id: UUID, paid: Sequence[Money]) -> tuple[CostingResult, ...]:
        """Set revised costs of a receipt, in order of its lines: goods on hand and cost of goods sold change."""
        places = self._receipts.get(receipt_id, ())
        repriced = zip(places, paid, strict=bool(places))
        return tuple(
            self._reprice_movement(receipt_id, move, each)
            for place, each in repriced
            if (move := self.movements.get(place)).paid != each.amount
        )

    def issue(self, shipment_id: UUID, moment: MovementMoment, quantity: Decimal) -> CostingResult:
        """Issue goods. Those beyond stock cost the last known unit cost until a receipt corrects it."""
        number = self.last_movement_number + 1
        move, later = self.movements.cost_inserted(Movement(*moment, number, -quantity, ZERO, ZERO), self.currency)
        cost = self._amount_or_none(-move.change)
        self._issued(number, shipment_id, *moment, quantity, cost)
        return CostingResult(cost=cost, corrections=self._adjust_costs(shipment_id, later))

    def count(self, count_id: UUID, moment: MovementMoment, quantity: Decimal) -> CostingResult:
        """Set the quantity at that moment, also against late arrivals: missing goods are a cost."""
        number = self.last_movement_number + 1
        new = Movement(*moment, number, ZERO, ZERO, ZERO, quantity)
        move, later = self.movements.cost_inserted(new, self.currency)
        worth = self._amount_or_none(move.change)
        self._counted(number, count_id, *moment, quantity, move.quantity, worth)
        return CostingResult(cost=worth and -worth, corrections=self._adjust_costs(count_id, later))

    def _cost_of_goods_in(self, new: Movement, currency: str) -> tuple[Money, list[RecostedMovement]]:
        """Return what goods add to the stock value, and the later movements that change."""
        move, later = self.movements.cost_inserted(new, currency)
        return Money(move.change, currency), later

    def _goods_in(
        self, document_id: UUID, on: date, paid: Money, worth: Money, later: Iterable[RecostedMovement]
    ) -> CostingResult:
        corrections = _sales_cost_correction(on, paid - worth) + self._adjust_costs(document_id, later)
        return CostingResult(paid, None, corrections)

    def _reverse_goods_in(self, document_id: UUID, reversed_: Callable[..., None]) -> tuple[CostingResult, ...]:
        keys = self._receipts.get(document_id, ())
        return tuple(self._reverse_movement(document_id, self.movements.get(key), reversed_) for key in keys)

    def _reverse_movement(self, document_id: UUID, move: Movement, reversed_: Callable[..., None]) -> CostingResult:
        later = self.movements.cost_without(move, self.currency)
        paid, worth = self._amount(move.paid), self._amount(move.change)
        reversed_(move.number, document_id, move.on, move.quantity, paid, worth)
        return self._goods_in(document_id, move.on, -paid, -worth, later)

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
        self._keep_last_unit_cost()
        return tuple(CostCorrection(now.on, -by, now.is_count) for now, by, _ in changes if by)

    def _keep_last_unit_cost(self) -> None:
        """Record the last known unit cost of goods that are all gone: no value shows it any more."""
        last = self.movements.last
        if last is not None and self.currency is not None and not self.quantity:
            known = last.on, self.balance.unit_cost
            if known != self._used_up:
                self._goods_used_up(*known, self.currency)

    def _amount_or_none(self, amount: Decimal) -> Money | None:
        return Money(amount, self.currency) if self.currency else None

    def _amount(self, amount: Decimal) -> Money:
        assert self.currency is not None
        return Money(amount, self.currency)

    def _insert_goods_in(
        self, document_id: UUID, moment: MovementMoment, number: int, quantity: Decimal, paid: Money, worth: Money
    ) -> None:
        self.currency = paid.currency
        move = Movement(*moment, number, quantity, paid.amount, worth.amount)
        self._insert_movement(move)
        self._receipts[document_id] = (*self._receipts.get(document_id, ()), move.sort_key)

    def _remove_goods_in(self, document_id: UUID, number: int) -> None:
        key = self._key_of_goods_in(document_id, number)
        self.movements.remove(self.movements.get(key))
        self._receipts[document_id] = tuple(each for each in self._receipts[document_id] if each != key)

    def _key_of_goods_in(self, document_id: UUID, number: int) -> MovementKey:
        return next(each for each in self._receipts[document_id] if each[-1] == number)

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
        at: datetime,
        quantity: Decimal,
        purchase_cost: Money,
        stock_value: Money,
    ) -> None:
        moment = MovementMoment(received_on, at)
        self._insert_goods_in(receipt_id, moment, movement_number, quantity, purchase_cost, stock_value)

    @event("OpeningStockAdded")
    def _opening_stock_added(
        self,
        movement_number: int,
        opening_stock_id: UUID,
        opened_on: date,
        quantity: Decimal,
        opening_value: Money,
        stock_value: Money,
    ) -> None:
        moment = MovementMoment.first_of(opened_on)
        self._insert_goods_in(opening_stock_id, moment, movement_number, quantity, opening_value, stock_value)

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
        self._remove_goods_in(receipt_id, movement_number)

    @event("OpeningStockReversed")
    def _opening_stock_reversed(
        self,
        movement_number: int,
        opening_stock_id: UUID,
        opened_on: date,
        quantity: Decimal,
        opening_value: Money,
        stock_value: Money,
    ) -> None:
        self._remove_goods_in(opening_stock_id, movement_number)

    @event("Repriced")
    def _repriced(
        self, movement_number: int, receipt_id: UUID, received_on: date, purchase_cost: Money, value_change: Money
    ) -> None:
        move = self.movements.get(self._key_of_goods_in(receipt_id, movement_number))
        self.movements.replace(replace(move, paid=purchase_cost.amount, change=move.change + value_change.amount))

    @event("Issued")
    def _issued(
        self,
        movement_number: int,
        shipment_id: UUID,
        issued_on: date,
        at: datetime,
        quantity: Decimal,
        cost: Money | None,
    ) -> None:
        change = ZERO if cost is None else -cost.amount
        self._insert_movement(Movement(issued_on, at, movement_number, -quantity, ZERO, change))

    @event("Counted")
    def _counted(
        self,
        movement_number: int,
        count_id: UUID,
        counted_on: date,
        at: datetime,
        counted_quantity: Decimal,
        difference: Decimal,
        value_change: Money | None,
    ) -> None:
        change = ZERO if value_change is None else value_change.amount
        self._insert_movement(Movement(counted_on, at, movement_number, difference, ZERO, change, counted_quantity))

    @event("CostsAdjusted")
    def _costs_adjusted(self, caused_by_id: UUID, changes: tuple[CostAdjustment, ...]) -> None:
        self.movements.apply_adjustments(changes)

    @event("UsedUp")
    def _goods_used_up(self, used_up_on: date, last_unit_cost: Decimal, currency: str) -> None:
        self._used_up = used_up_on, last_unit_cost

    @event("ValuationSkipped")
    def _valuation_skipped(self, receipt_id: UUID, received_on: date, quantity: Decimal, purchase_cost: Money) -> None:
        pass


def _sales_cost_correction(on: date, amount: Money) -> tuple[CostCorrection, ...]:
    """Return a correction of the cost of goods sold, or no correction for zero."""
    return (CostCorrection(on, amount),) if amount else ()
