"""Purchase orders."""

from uuid import UUID

from services.srm.purchase_orders.commands import (
    CancelPurchaseOrder,
    ClosePurchaseOrder,
    DraftPurchaseOrder,
    RevisePurchaseOrder,
)
from services.srm.purchase_orders.commands import PurchaseOrders as PurchaseOrderCommands
from services.srm.purchase_orders.projections import PurchaseOrders
from shared.web import EffectiveDateSchema, Reply, Resource, accepts, commands_getter, created_reply, resource_reply

commands = commands_getter(PurchaseOrderCommands)
purchase_orders = Resource("purchase-orders", PurchaseOrders)


@purchase_orders.post("")
@accepts(DraftPurchaseOrder)
def draft_purchase_order(body: DraftPurchaseOrder) -> Reply:
    """Draft an order for a supplier. 201 with the order; 409 if the number is taken."""
    return created_reply(PurchaseOrders, commands().draft(body))


@purchase_orders.post("/<uuid:order_id>/send")
@accepts(EffectiveDateSchema)
def send_purchase_order(order_id: UUID) -> Reply:
    """Send the order to the supplier. 200 with the order; 409 unless it is a draft, or if the supplier is blocked."""
    return resource_reply(PurchaseOrders, commands().send(order_id))


@purchase_orders.post("/<uuid:order_id>/revise", prefilled=True)
@accepts(RevisePurchaseOrder)
def revise_purchase_order(order_id: UUID, body: RevisePurchaseOrder) -> Reply:
    """Change a draft or a sent order: `lines` is the full list, each known by its number or else by its item.

    200 with the order; 409 below the received quantity, once it has ended, or if the supplier is blocked.
    """
    return resource_reply(PurchaseOrders, commands().revise(order_id, body))


@purchase_orders.post("/<uuid:order_id>/close", danger=True)
@accepts(ClosePurchaseOrder)
def close_purchase_order(order_id: UUID, body: ClosePurchaseOrder) -> Reply:
    """Close the order: nothing more is expected. 200 with the order; 409 for a draft, or once it has ended."""
    return resource_reply(PurchaseOrders, commands().close(order_id, body.reason))


@purchase_orders.post("/<uuid:order_id>/cancel", danger=True)
@accepts(CancelPurchaseOrder)
def cancel_purchase_order(order_id: UUID, body: CancelPurchaseOrder) -> Reply:
    """Cancel the rest of the order. 200 with the order; 409 once everything has arrived."""
    return resource_reply(PurchaseOrders, commands().cancel(order_id, body.reason))
