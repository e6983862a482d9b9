"""Sales orders."""

from typing import Any
from uuid import UUID

from services.crm.sales_orders.commands import SalesOrders as SalesOrderCommands
from services.crm.sales_orders.projections import SalesOrders
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

commands = commands_getter(SalesOrderCommands)
sales_orders = Resource("sales-orders", SalesOrders)


class ShipTo(Schema):
    """The address to which an order is shipped, in a request."""

    name = fields.Text(allow_none=True)
    street = fields.Text(required=True)
    city = fields.Text(required=True, max=100)
    region = fields.Text(max=100, allow_none=True)
    postal_code = fields.Text(max=20, allow_none=True)
    country = fields.Country(required=True)


class Line(Schema):
    """One line of a sales order in a request: item, quantity, unit price and discount."""

    sku = fields.Code(required=True)
    quantity = fields.Quantity(required=True)
    unit_price = fields.Money(required=True)
    discount_percent = fields.Percent(allow_none=True)


class DraftSalesOrder(Schema):
    """Request to draft a sales order."""

    number = fields.Code(allow_none=True)
    customer_id = fields.Id(required=True)
    currency = fields.Currency(required=True)
    ordered_on = fields.EffectiveOn(allow_none=True)
    required_on = fields.Date(allow_none=True)
    warehouse = fields.Code(allow_none=True)
    backorder = fields.OneOf("allow", "refuse")
    sales_rep = fields.Text(max=100, allow_none=True)
    ship_to = fields.Nested(ShipTo, allow_none=True)
    freight = fields.Money(allow_none=True)
    lines = fields.List(fields.Nested(Line), required=True, min=1)


class AmendSalesOrder(Schema):
    """Request to amend a sales order; `lines` is the full list as it should be."""

    required_on = fields.Date(allow_none=True)
    ship_to = fields.Nested(ShipTo, allow_none=True)
    freight = fields.Money(allow_none=True)
    lines = fields.List(fields.Nested(Line), min=1)
    effective_on = fields.EffectiveOn(allow_none=True)


class CancelSalesOrder(Schema):
    """Request to cancel a sales order, with the reason."""

    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


@sales_orders.post("")
@accepts(DraftSalesOrder)
def draft_sales_order(body: dict[str, Any]) -> Reply:
    """Draft an order for a customer. 201 with the order; 409 if the number is taken."""
    return created_reply(SalesOrders, commands().draft(**body))


@sales_orders.post("/<uuid:order_id>/place")
@accepts(EffectiveDateSchema)
def place_sales_order(order_id: UUID, body: dict[str, Any]) -> Reply:
    """Place the order. 200 with the order; 409 unless it is a draft."""
    del body
    return resource_reply(SalesOrders, commands().place(order_id))


@sales_orders.post("/<uuid:order_id>/amend")
@accepts(AmendSalesOrder)
def amend_sales_order(order_id: UUID, body: dict[str, Any]) -> Reply:
    """Change a draft, or request the change of a placed order; `lines` is the full list.

    200 with the order; 409 once everything is shipped. A placed order is `amending`, or `held` for credit, until SCM
    accepts the change or refuses it with a `reason`. A line with the same item and price keeps its number. No quantity
    can go below what was shipped, and the first shipment fixes the freight.
    """
    body.pop("effective_on", None)
    return resource_reply(SalesOrders, commands().amend(order_id, **body))


@sales_orders.post("/<uuid:order_id>/cancel")
@accepts(CancelSalesOrder)
def cancel_sales_order(order_id: UUID, body: dict[str, Any]) -> Reply:
    """Cancel a draft, or request cancellation of a placed order. 200 with the order; 409 once everything is shipped."""
    return resource_reply(SalesOrders, commands().cancel(order_id, body["reason"]))
