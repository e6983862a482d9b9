"""What SCM needs bought."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.domain import Aggregate, event


class Status(StrEnum):
    """Where a request stands."""

    UNSOURCED = "unsourced"
    DRAFTED = "drafted"
    ORDERED = "ordered"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class PurchaseRequest(Aggregate):
    """Goods that must be bought, followed until they arrive. One request, one purchase order. Its id is SCM's."""

    @event("Raised")
    def __init__(
        self,
        sku: str,
        warehouse: str,
        quantity: Decimal,
        reason: str,
        needed_on: date | None = None,
        order_id: UUID | None = None,
        id: UUID | None = None,  # noqa: A002 (the library's name)
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
        """Refused with WrongStatus once an order was drafted for it."""
        self._require(Status.UNSOURCED)

    def draft(self, purchase_order_id: UUID) -> None:
        """A draft order stands for it. Refused with WrongStatus unless it is unsourced."""
        self.require_unsourced()
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

    def order_closed(self, reason: str | None, anything_came: bool) -> None:
        """No more of the order will come: it is done with what came, or was for nothing."""
        if anything_came:
            self.goods_received()
        else:
            self.order_cancelled(reason or "the order was closed")

    def receipt_reversed(self) -> None:
        """Some of the order is not here after all."""
        if self.status == Status.RECEIVED:
            self._receipt_reversed()

    def goods_received(self) -> None:
        """All of the order is here, whatever comes on top of it."""
        if self.status != Status.RECEIVED:
            self._received()

    @event("ReceiptReversed")
    def _receipt_reversed(self) -> None:
        self.status = Status.ORDERED

    @event("Received")
    def _received(self) -> None:
        self.status = Status.RECEIVED
