"""What others may hear of SRM, and in what words."""

from services.srm.domain.purchase_order import PurchaseOrder
from services.srm.domain.purchase_request import PurchaseRequest
from services.srm.domain.supplier import Supplier
from shared.contracts import srm, told
from shared.policy import Published

published = Published()


@published.after(Supplier.Registered)
def supplier_registered(registered: Supplier.Registered, supplier: Supplier) -> srm.SupplierRegistered:
    """Someone may be ordered from and paid, and on what terms."""
    return told(srm.SupplierRegistered, registered, supplier_id=supplier.id)


@published.after(Supplier.Blocked)
def supplier_blocked(blocked: Supplier.Blocked, supplier: Supplier) -> srm.SupplierBlocked:
    """What is stopped with a supplier, and why."""
    return srm.SupplierBlocked(supplier.id, tuple(map(str, blocked.purposes)), blocked.reason)


@published.after(Supplier.Unblocked)
def supplier_unblocked(unblocked: Supplier.Unblocked, supplier: Supplier) -> srm.SupplierUnblocked:
    """What is not stopped any more."""
    return srm.SupplierUnblocked(supplier.id, tuple(map(str, unblocked.purposes)))


@published.after(PurchaseOrder.Sent)
def purchase_order_sent(sent: PurchaseOrder.Sent, order: PurchaseOrder) -> srm.PurchaseOrderSent:
    """The order as it was sent."""
    return told(srm.PurchaseOrderSent, sent, order, purchase_order_id=order.id, lines=_lines(order))


@published.after(PurchaseOrder.Revised)
def purchase_order_revised(revised: PurchaseOrder.Revised, order: PurchaseOrder) -> srm.PurchaseOrderRevised | None:
    """A sent order as it now stands; nobody else knew of a draft."""
    if not order.sent:
        return None
    return told(srm.PurchaseOrderRevised, revised, order, purchase_order_id=order.id, lines=_lines(order))


@published.after(PurchaseOrder.Closed)
def purchase_order_closed(closed: PurchaseOrder.Closed, order: PurchaseOrder) -> srm.PurchaseOrderClosed:
    """What has not arrived will not, and nothing more is to be taken in."""
    return srm.PurchaseOrderClosed(order.id, closed.reason)


@published.after(PurchaseOrder.Cancelled)
def purchase_order_cancelled(
    cancelled: PurchaseOrder.Cancelled, order: PurchaseOrder
) -> srm.PurchaseOrderCancelled | None:
    """What has not arrived of an order that was sent will not; nobody else knew of a draft."""
    return srm.PurchaseOrderCancelled(order.id, cancelled.reason) if order.sent else None


@published.after(PurchaseRequest.OrderCancelled)
def purchase_request_cancelled(
    cancelled: PurchaseRequest.OrderCancelled, request: PurchaseRequest
) -> srm.PurchaseRequestCancelled:
    """What was asked for will not come by this order: it may be asked for anew."""
    return srm.PurchaseRequestCancelled(request.id, cancelled.reason)


def _lines(order: PurchaseOrder) -> tuple[srm.PurchaseLine, ...]:
    """Without those that are asked for no more."""
    asked = (each for each in order.lines if each.quantity)
    return tuple(told(srm.PurchaseLine, each) for each in asked)
