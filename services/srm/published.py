"""Events that SRM publishes to the other services."""

from services.srm.domain.purchase_order import PurchaseOrder
from services.srm.domain.purchase_request import PurchaseRequest
from services.srm.domain.supplier import Supplier
from shared.contracts import contract_from, srm
from shared.policies import PublishedEvents

published = PublishedEvents()


@published.after(Supplier.Registered)
def supplier_registered(registered: Supplier.Registered, supplier: Supplier) -> srm.SupplierRegistered:
    """Publish a new supplier and its payment terms."""
    return contract_from(srm.SupplierRegistered, registered, supplier_id=supplier.id)


@published.after(Supplier.Blocked)
def supplier_blocked(blocked: Supplier.Blocked, supplier: Supplier) -> srm.SupplierBlocked:
    """Publish what the supplier is blocked for, and why."""
    return srm.SupplierBlocked(supplier.id, tuple(map(str, blocked.purposes)), blocked.reason)


@published.after(Supplier.Unblocked)
def supplier_unblocked(unblocked: Supplier.Unblocked, supplier: Supplier) -> srm.SupplierUnblocked:
    """Publish what the supplier is no longer blocked for."""
    return srm.SupplierUnblocked(supplier.id, tuple(map(str, unblocked.purposes)))


@published.after(PurchaseOrder.Sent)
def purchase_order_sent(sent: PurchaseOrder.Sent, order: PurchaseOrder) -> srm.PurchaseOrderSent:
    """Publish the order as it was sent."""
    return contract_from(srm.PurchaseOrderSent, sent, order, purchase_order_id=order.id, lines=_lines(order))


@published.after(PurchaseOrder.Revised)
def purchase_order_revised(revised: PurchaseOrder.Revised, order: PurchaseOrder) -> srm.PurchaseOrderRevised | None:
    """Publish a sent order as revised; drafts are not published."""
    if not order.sent:
        return None
    return contract_from(srm.PurchaseOrderRevised, revised, order, purchase_order_id=order.id, lines=_lines(order))


@published.after(PurchaseOrder.Closed)
def purchase_order_closed(closed: PurchaseOrder.Closed, order: PurchaseOrder) -> srm.PurchaseOrderClosed:
    """Publish that nothing more is to be received for the order."""
    return srm.PurchaseOrderClosed(order.id, closed.reason)


@published.after(PurchaseOrder.Cancelled)
def purchase_order_cancelled(
    cancelled: PurchaseOrder.Cancelled, order: PurchaseOrder
) -> srm.PurchaseOrderCancelled | None:
    """Publish that the rest of a sent order will not arrive; drafts are not published."""
    return srm.PurchaseOrderCancelled(order.id, cancelled.reason) if order.sent else None


@published.after(PurchaseRequest.OrderCancelled)
def purchase_request_cancelled(
    cancelled: PurchaseRequest.OrderCancelled, request: PurchaseRequest
) -> srm.PurchaseRequestCancelled:
    """Publish that the request's order ended without its goods, so that SCM may request again."""
    return srm.PurchaseRequestCancelled(request.id, cancelled.reason)


def _lines(order: PurchaseOrder) -> tuple[srm.PurchaseLine, ...]:
    """Return the lines without those revised to zero."""
    return tuple(contract_from(srm.PurchaseLine, each) for each in order.lines if each.quantity)
