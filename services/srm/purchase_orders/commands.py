"""Commands on purchase orders."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.srm.purchase_orders.domain import purchase_order
from services.srm.purchase_orders.domain.purchase_line import PurchaseLine, RevisedLine
from services.srm.purchase_orders.domain.purchase_order import PurchaseOrder
from services.srm.purchase_orders.domain.request import purchase_request_of
from services.srm.suppliers.domain.supplier import BlockPurpose, Supplier
from shared.commands import Commands

Records = Sequence[dict[str, Any]]


class PurchaseOrders(Commands):
    """Commands on purchase orders: draft, send, revise, close and cancel them; an order's request follows it."""

    def draft(
        self, supplier_id: UUID, currency: str, lines: Records, number: str | None = None, **agreed: Any
    ) -> PurchaseOrder:
        """Draft an order, numbered from the series by default. Raises AlreadyTaken, ForeignCurrency."""
        self.uow.get_referenced(Supplier, supplier_id, field="supplier_id").require_currency(currency)
        order = PurchaseOrder.draft(
            number=number or purchase_order.next_order_number(self.uow),
            supplier_id=supplier_id,
            currency=currency,
            lines=tuple(PurchaseLine(place, **line) for place, line in enumerate(lines, 1)),
            **agreed,
        )
        self.uow.reserve_unique(purchase_order.PURCHASE_ORDER_NUMBER, order.number, order.id)
        return self.uow.save(order)

    def send(self, order_id: UUID) -> PurchaseOrder:
        """Send the order to the supplier. Raises SupplierBlockedError, and WrongStatus unless it is a draft."""
        order = self.uow.get(PurchaseOrder, order_id)
        self._require_unblocked(order)
        order.send(self.effective_on)
        request = purchase_request_of(order, self.uow)
        if request is not None:
            request.order_sent()
            self.uow.save(request)
        return self.uow.save(order)

    def revise(self, order_id: UUID, lines: Records | None = None, **terms: Any) -> PurchaseOrder:
        """Change lines, prices, expected day or tolerance; omitted terms stay. Sent orders are sent again as revised.

        Raises SupplierBlockedError if sent, WrongStatus once it has ended, BelowReceivedQuantity, ForeignCurrency.
        """
        order = self.uow.get(PurchaseOrder, order_id)
        if order.sent:
            self._require_unblocked(order)
        order.revise(None if lines is None else tuple(RevisedLine(**each) for each in lines), **terms)
        return self.uow.save(order)

    def close(self, order_id: UUID, reason: str | None = None) -> PurchaseOrder:
        """Expect nothing more of the order. Raises WrongStatus for a draft, or once it has ended."""
        order = self.uow.get(PurchaseOrder, order_id)
        order.close(reason)
        request = purchase_request_of(order, self.uow)
        if request is not None:
            request.order_closed(reason, has_receipts=any(order.received.values()))
            self.uow.save(request)
        return self.uow.save(order)

    def cancel(self, order_id: UUID, reason: str) -> PurchaseOrder:
        """Cancel the rest of the order. Raises WrongStatus once everything has arrived."""
        order = self.uow.get(PurchaseOrder, order_id)
        order.cancel(reason)
        request = purchase_request_of(order, self.uow)
        if request is not None:
            request.order_cancelled(reason)
            self.uow.save(request)
        return self.uow.save(order)

    def _require_unblocked(self, order: PurchaseOrder) -> None:
        seller = self.uow.get(Supplier, order.supplier_id)
        seller.require_unblocked(BlockPurpose.ORDERS)
        self.uow.require_unchanged(seller)
