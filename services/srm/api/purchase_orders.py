"""Purchase orders."""

from typing import Any
from uuid import UUID

from services.srm.api import service
from services.srm.reports import PurchaseOrders
from shared.web import Effective, Reply, Resource, Schema, accepts, created, fields, shown

purchase_orders = Resource("purchase-orders", PurchaseOrders)


class Line(Schema):
    sku = fields.Code(required=True)
    quantity = fields.Quantity(required=True)
    unit_price = fields.Money(required=True)


class RevisedLine(Line):
    line = fields.Count(min=1, allow_none=True)


class DraftPurchaseOrder(Schema):
    number = fields.Code(allow_none=True)
    supplier_id = fields.Id(required=True)
    currency = fields.Currency(required=True)
    ordered_on = fields.EffectiveOn(allow_none=True)
    expected_on = fields.Date(allow_none=True)
    warehouse = fields.Code(required=True)
    over_receipt_percent = fields.Percent(allow_none=True)
    lines = fields.List(fields.Nested(Line), required=True, min=1)


class RevisePurchaseOrder(Schema):
    expected_on = fields.Date(allow_none=True)
    over_receipt_percent = fields.Percent(allow_none=True)
    lines = fields.List(fields.Nested(RevisedLine), min=1, allow_none=True)
    effective_on = fields.EffectiveOn(allow_none=True)


class ClosePurchaseOrder(Schema):
    reason = fields.Text(max=500, allow_none=True)
    effective_on = fields.EffectiveOn(allow_none=True)


class CancelPurchaseOrder(Schema):
    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


@purchase_orders.post("")
@accepts(DraftPurchaseOrder)
def draft(body: dict[str, Any]) -> Reply:
    """Draft an order for a supplier. 201 with the order; 409 if the number is taken."""
    return created(PurchaseOrders, service().draft_purchase_order(**body))


@purchase_orders.post("/<uuid:order_id>/send")
@accepts(Effective)
def send(order_id: UUID, body: dict[str, Any]) -> Reply:
    """Ask the supplier to deliver. 200 with the order; 409 unless it is a draft, or if the supplier is blocked."""
    del body
    return shown(PurchaseOrders, service().send_purchase_order(order_id))


@purchase_orders.post("/<uuid:order_id>/revise")
@accepts(RevisePurchaseOrder)
def revise(order_id: UUID, body: dict[str, Any]) -> Reply:
    """Change a draft or a sent order: `lines` as they are to be, each known by its number or else by its item.

    200 with the order; 409 below what has arrived, once it has ended, or if the supplier is blocked.
    """
    body.pop("effective_on", None)
    return shown(PurchaseOrders, service().revise_purchase_order(order_id, **body))


@purchase_orders.post("/<uuid:order_id>/close")
@accepts(ClosePurchaseOrder)
def close(order_id: UUID, body: dict[str, Any]) -> Reply:
    """Expect no more of it, whatever has come. 200 with the order; 409 for a draft, or once it has ended."""
    return shown(PurchaseOrders, service().close_purchase_order(order_id, body.get("reason")))


@purchase_orders.post("/<uuid:order_id>/cancel")
@accepts(CancelPurchaseOrder)
def cancel(order_id: UUID, body: dict[str, Any]) -> Reply:
    """Expect no more of it. 200 with the order; 409 once all has arrived."""
    return shown(PurchaseOrders, service().cancel_purchase_order(order_id, body["reason"]))
