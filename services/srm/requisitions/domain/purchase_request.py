"""Purchase request: goods that SCM needs."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.domain import Aggregate, allowed_in, event


class Status(StrEnum):
    """Status of a purchase request."""

    UNSOURCED = "unsourced"
    DRAFTED = "drafted"
    ORDERED = "ordered"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class PurchaseRequest(Aggregate):
    """Request to buy goods, followed until they arrive, with at most one purchase order; SCM assigns its id."""

    @event("Raised")
    def __init__(
        self,
        sku: str,
        warehouse: str,
        quantity: Decimal,
        reason: str,
        needed_on: date | None = None,
        order_id: UUID | None = None,
        id: UUID | None = None,
    ) -> None:
        self.sku = sku
        self.warehouse = warehouse
        self.quantity = quantity
        self.reason = reason
        self.needed_on = needed_on
        self.order_id = order_id
        self.purchase_order_id: UUID | None = None
        self.status = Status.UNSOURCED

    def require_unsourced(self) -> None:
        """Raise WrongStatus once an order was drafted for it."""
        self._require_allowed("source")

    @allowed_in(Status.UNSOURCED)
    def source(self, purchase_order_id: UUID) -> None:
        """Record the order that was drafted for it. Raises WrongStatus unless it is unsourced."""
        self._order_drafted(purchase_order_id=purchase_order_id)

    @event("OrderDrafted")
    def _order_drafted(self, purchase_order_id: UUID) -> None:
        self.status = Status.DRAFTED
        self.purchase_order_id = purchase_order_id

    @event("Ordered")
    def order_sent(self) -> None:
        self.status = Status.ORDERED

    @event("OrderCancelled")
    def order_cancelled(self, reason: str) -> None:
        self.status = Status.CANCELLED

    def order_closed(self, reason: str | None, has_receipts: bool) -> None:
        """Complete the request if anything was received, else cancel it."""
        if has_receipts:
            self.goods_received()
        else:
            self.order_cancelled(reason or "the order was closed")

    def receipt_reversed(self) -> None:
        """Reopen a completed request: a receipt of its order was reversed."""
        if self.status == Status.RECEIVED:
            self._receipt_reversed()

    def goods_received(self) -> None:
        """Complete the request: its whole order has arrived. Later receipts change nothing."""
        if self.status != Status.RECEIVED:
            self._received()

    @event("ReceiptReversed")
    def _receipt_reversed(self) -> None:
        self.status = Status.ORDERED

    @event("Received")
    def _received(self) -> None:
        self.status = Status.RECEIVED
