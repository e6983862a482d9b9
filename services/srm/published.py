"""What others may hear of SRM, and in what words."""

from services.srm.domain.purchase_order import PurchaseOrder
from services.srm.domain.supplier import Supplier
from shared.contracts import srm
from shared.policy import Published

published = Published()


@published.after(Supplier.Registered)
def supplier_registered(registered: Supplier.Registered, supplier: Supplier) -> srm.SupplierRegistered:
    """Someone may be ordered from and paid, and on what terms."""
    return srm.SupplierRegistered(supplier.id, registered.code, registered.currency, registered.payment_terms_days)


@published.after(PurchaseOrder.Sent)
def purchase_order_sent(sent: PurchaseOrder.Sent, order: PurchaseOrder) -> srm.PurchaseOrderSent:
    """The order as it was sent."""
    return srm.PurchaseOrderSent(
        purchase_order_id=order.id,
        number=order.number,
        supplier_id=order.supplier_id,
        currency=order.currency,
        ordered_on=sent.ordered_on,
        expected_on=order.expected_on,
        warehouse=order.warehouse,
        lines=tuple(srm.PurchaseLine(line.line, line.sku, line.quantity, line.unit_price) for line in order.lines),
    )


@published.after(PurchaseOrder.Cancelled)
def purchase_order_cancelled(
    cancelled: PurchaseOrder.Cancelled, order: PurchaseOrder
) -> srm.PurchaseOrderCancelled | None:
    """What has not arrived of an order that was sent will not; nobody else knew of a draft."""
    return srm.PurchaseOrderCancelled(order.id, cancelled.reason) if order.sent else None
