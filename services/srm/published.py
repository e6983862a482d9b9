"""What others may hear of SRM, and in what words."""

from services.srm.domain.purchase_order import PurchaseOrder
from services.srm.domain.supplier import Supplier
from shared.contracts import srm, told
from shared.policy import Published

published = Published()


@published.after(Supplier.Registered)
def supplier_registered(registered: Supplier.Registered, supplier: Supplier) -> srm.SupplierRegistered:
    """Someone may be ordered from and paid, and on what terms."""
    return told(srm.SupplierRegistered, registered, supplier_id=supplier.id)


@published.after(PurchaseOrder.Sent)
def purchase_order_sent(sent: PurchaseOrder.Sent, order: PurchaseOrder) -> srm.PurchaseOrderSent:
    """The order as it was sent."""
    lines = tuple(told(srm.PurchaseLine, line) for line in order.lines)
    return told(srm.PurchaseOrderSent, sent, order, purchase_order_id=order.id, lines=lines)


@published.after(PurchaseOrder.Cancelled)
def purchase_order_cancelled(
    cancelled: PurchaseOrder.Cancelled, order: PurchaseOrder
) -> srm.PurchaseOrderCancelled | None:
    """What has not arrived of an order that was sent will not; nobody else knew of a draft."""
    return srm.PurchaseOrderCancelled(order.id, cancelled.reason) if order.sent else None
