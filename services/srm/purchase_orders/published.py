"""Events of purchase orders that other services receive."""

from services.srm.purchase_orders.domain.purchase_order import PurchaseOrder
from shared.contracts import fill_contract, srm
from shared.policies import PublishedEventMappings

published = PublishedEventMappings()


@published.after(PurchaseOrder.Sent)
def purchase_order_sent(sent: PurchaseOrder.Sent, order: PurchaseOrder) -> srm.PurchaseOrderSent:
    """Publish the order as it was sent."""
    return fill_contract(
        srm.PurchaseOrderSent, sent, order, order.details, purchase_order_id=order.id, lines=_lines(order)
    )


@published.after(PurchaseOrder.Revised)
def purchase_order_revised(revised: PurchaseOrder.Revised, order: PurchaseOrder) -> srm.PurchaseOrderRevised | None:
    """Publish a sent order as revised; drafts are not published."""
    if not order.sent:
        return None
    return fill_contract(
        srm.PurchaseOrderRevised, revised, order, order.details, purchase_order_id=order.id, lines=_lines(order)
    )


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


def _lines(order: PurchaseOrder) -> tuple[srm.PurchaseLine, ...]:
    """Return the lines without those revised to zero."""
    return tuple(fill_contract(srm.PurchaseLine, each) for each in order.lines if each.quantity)
