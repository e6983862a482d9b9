"""Fulfilment: one customer's order on its way out of the warehouse."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from services.scm.domain.goods import GoodsLine, by_sku, minus, plus, total
from shared.domain import Aggregate, Refused, derived_id, event, value


class NotReserved(Refused):
    """Only what is held for the order can leave."""


class Status(StrEnum):
    AWAITED = "awaited"
    FILLING = "filling"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    REFUSED = "refused"


@value
class Order:
    """What was promised: to whom, when and from where (none = the firm's first warehouse)."""

    customer_id: UUID
    ordered_on: date
    required_on: date | None
    warehouse: str | None
    may_wait: bool
    lines: tuple[GoodsLine, ...]

    @property
    def promised_on(self) -> date:
        return self.required_on or self.ordered_on

    @property
    def wanted(self) -> dict[str, Decimal]:
        """How much of each item, in order of their sku."""
        return {sku: total(lines) for sku, lines in by_sku(self.lines).items()}


class Fulfilment(Aggregate):
    """An order being filled. awaited → filling → shipped; awaited → refused; awaited or filling → cancelled."""

    @staticmethod
    def create_id(order_id: UUID) -> UUID:
        return derived_id("fulfilment", order_id)

    @event("Begun")
    def __init__(self, order_id: UUID) -> None:
        self.order_id = order_id
        self._order: Order | None = None
        self.credit = False
        self.stop_reason: str | None = None
        self.status = Status.AWAITED
        self.warehouse = ""
        self.unshipped: tuple[GoodsLine, ...] = ()
        self.held: tuple[GoodsLine, ...] = ()
        self.dispatches = 0

    @property
    def ready(self) -> bool:
        """Order and credit are both known and nothing was decided yet."""
        return self.status == Status.AWAITED and self._order is not None and self.credit

    @property
    def order(self) -> Order:
        """What was promised, once that is known."""
        assert self._order is not None
        return self._order

    @property
    def unfinished(self) -> tuple[GoodsLine, ...]:
        """What is held in the warehouse or waited for there."""
        return self.unshipped if self.status == Status.FILLING else ()

    @property
    def next_shipment(self) -> int:
        """Which shipment of the order the held goods are in, counted from 1."""
        return self.dispatches + 1

    def order_placed(self, order: Order) -> None:
        """The promise is known; it ends at once if it was to be stopped before."""
        if self._order is None:
            self._order_placed(order=order)
            if self.stop_reason is not None:
                self.cancel(self.stop_reason)

    def credit_approved(self) -> None:
        if self.status == Status.AWAITED and not self.credit:
            self._credit_approved()

    def refuse(self, reason: str, skus: Iterable[str] = ()) -> None:
        """End an order that cannot be filled and may not wait."""
        self._require(Status.AWAITED)
        self._refused(reason=reason, skus=tuple(skus))

    def fill(self, warehouse: str, held: tuple[GoodsLine, ...]) -> tuple[GoodsLine, ...]:
        """Start with what is held; what is missing waits. Gives what is missing."""
        self._require(Status.AWAITED)
        missing = minus(self.unshipped, held)
        if held:
            self._stock_reserved(warehouse=warehouse, lines=held)
        if missing:
            self._stock_short(warehouse=warehouse, lines=missing)
        return missing

    def hold_more(self, lines: tuple[GoodsLine, ...]) -> None:
        """Goods it waited for are now held."""
        self._require(Status.FILLING)
        self._stock_reserved(warehouse=self.warehouse, lines=lines)

    def ship(self, lines: tuple[GoodsLine, ...]) -> None:
        """Goods leave. Refused with NotReserved if more than what is held for it."""
        self._require(Status.FILLING)
        held = {each.line: each.quantity for each in self.held}
        if any(each.quantity > held.get(each.line, 0) for each in lines):
            raise NotReserved(f"not all of it is held for order {self.order_id}")
        self._goods_shipped(lines=lines)

    def cancel(self, reason: str) -> None:
        """Stop what has not left; refused, as an event, once everything has. Waits for an order not heard of yet."""
        if self._order is None:
            self._stop_requested(reason=reason)
        elif self.status == Status.SHIPPED:
            self._cancellation_refused(reason="everything has been shipped")
        elif self.status in (Status.AWAITED, Status.FILLING):
            self._cancelled(reason=reason, lines=self.unshipped)

    @event("OrderPlaced")
    def _order_placed(self, order: Order) -> None:
        self._order = order
        self.unshipped = order.lines

    @event("CreditApproved")
    def _credit_approved(self) -> None:
        self.credit = True

    @event("Refused")
    def _refused(self, reason: str, skus: tuple[str, ...]) -> None:
        self.status = Status.REFUSED

    @event("StockReserved")
    def _stock_reserved(self, warehouse: str, lines: tuple[GoodsLine, ...]) -> None:
        self.status = Status.FILLING
        self.warehouse = warehouse
        self.held = plus(self.held, lines)

    @event("StockShort")
    def _stock_short(self, warehouse: str, lines: tuple[GoodsLine, ...]) -> None:
        self.status = Status.FILLING
        self.warehouse = warehouse

    @event("GoodsShipped")
    def _goods_shipped(self, lines: tuple[GoodsLine, ...]) -> None:
        self.dispatches += 1
        self.held = minus(self.held, lines)
        self.unshipped = minus(self.unshipped, lines)
        if not self.unshipped:
            self.status = Status.SHIPPED

    @event("StopRequested")
    def _stop_requested(self, reason: str) -> None:
        self.stop_reason = reason

    @event("Cancelled")
    def _cancelled(self, reason: str, lines: tuple[GoodsLine, ...]) -> None:
        self.status = Status.CANCELLED
        self.held = ()

    @event("CancellationRefused")
    def _cancellation_refused(self, reason: str) -> None:
        pass
