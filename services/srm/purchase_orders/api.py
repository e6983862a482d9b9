"""Purchase orders."""

from typing import Any
from uuid import UUID

from services.srm.purchase_orders.commands import PurchaseOrders as PurchaseOrderCommands
from services.srm.purchase_orders.projections import PurchaseOrders
from shared.web import (
    EffectiveDateSchema,
    Reply,
    Resource,
    Schema,
    accepts,
    commands_getter,
    created_reply,
    fields,
    resource_reply,
)

commands = commands_getter(PurchaseOrderCommands)
purchase_orders = Resource("purchase-orders", PurchaseOrders)


class Line(Schema):
    """One line of a purchase order in a request: item, quantity and unit price."""

    sku = fields.Code(required=True)
    quantity = fields.Quantity(required=True)
    unit_price = fields.Money(required=True)


class RevisedLine(Line):
    """One line of a revised purchase order in a request; `line` is the number it has."""

    line = fields.WholeNumber(min=1, allow_none=True)


class DraftPurchaseOrder(Schema):
    """Request to draft a purchase order."""

    number = fields.Code(allow_none=True)
    supplier_id = fields.Id(required=True)
    currency = fields.Currency(required=True)
    ordered_on = fields.EffectiveOn(allow_none=True)
    expected_on = fields.Date(allow_none=True)
    warehouse = fields.Code(required=True)
    over_receipt_percent = fields.Percent(allow_none=True)
    lines = fields.List(fields.Nested(Line), required=True, min=1)


class RevisePurchaseOrder(Schema):
    """Request to revise a purchase order; `lines` is the full list as it should be."""

    expected_on = fields.Date(allow_none=True)
    over_receipt_percent = fields.Percent(allow_none=True)
    lines = fields.List(fields.Nested(RevisedLine), min=1, allow_none=True)
    effective_on = fields.EffectiveOn(allow_none=True)


class ClosePurchaseOrder(Schema):
    """Request to close a purchase order: nothing more is expected."""

    reason = fields.Text(max=500, allow_none=True)
    effective_on = fields.EffectiveOn(allow_none=True)


class CancelPurchaseOrder(Schema):
    """Request to cancel what is left of a purchase order, with the reason."""

    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


@purchase_orders.post("")
@accepts(DraftPurchaseOrder)
def draft_purchase_order(body: dict[str, Any]) -> Reply:
    """Draft an order for a supplier. 201 with the order; 409 if the number is taken."""
    return created_reply(PurchaseOrders, commands().draft(**body))


@purchase_orders.post("/<uuid:order_id>/send")
@accepts(EffectiveDateSchema)
def send_purchase_order(order_id: UUID, body: dict[str, Any]) -> Reply:
    """Send the order to the supplier. 200 with the order; 409 unless it is a draft, or if the supplier is blocked."""
    del body
    return resource_reply(PurchaseOrders, commands().send(order_id))


@purchase_orders.post("/<uuid:order_id>/revise")
@accepts(RevisePurchaseOrder)
def revise_purchase_order(order_id: UUID, body: dict[str, Any]) -> Reply:
    """Change a draft or a sent order: `lines` is the full list, each known by its number or else by its item.

    200 with the order; 409 below the received quantity, once it has ended, or if the supplier is blocked.
    """
    body.pop("effective_on", None)
    return resource_reply(PurchaseOrders, commands().revise(order_id, **body))


@purchase_orders.post("/<uuid:order_id>/close")
@accepts(ClosePurchaseOrder)
def close_purchase_order(order_id: UUID, body: dict[str, Any]) -> Reply:
    """Close the order: nothing more is expected. 200 with the order; 409 for a draft, or once it has ended."""
    return resource_reply(PurchaseOrders, commands().close(order_id, body.get("reason")))


@purchase_orders.post("/<uuid:order_id>/cancel")
@accepts(CancelPurchaseOrder)
def cancel_purchase_order(order_id: UUID, body: dict[str, Any]) -> Reply:
    """Cancel the rest of the order. 200 with the order; 409 once everything has arrived."""
    return resource_reply(PurchaseOrders, commands().cancel(order_id, body["reason"]))
