"""Sales orders."""

from uuid import UUID

from services.crm.sales_orders.commands import AmendSalesOrder, CancelSalesOrder, DraftSalesOrder
from services.crm.sales_orders.commands import SalesOrders as SalesOrderCommands
from services.crm.sales_orders.projections import SalesOrders
from shared.web import EffectiveDateSchema, Reply, Resource, accepts, commands_getter, created_reply, resource_reply

commands = commands_getter(SalesOrderCommands)
sales_orders = Resource("sales-orders", SalesOrders)


@sales_orders.post("")
@accepts(DraftSalesOrder)
def draft_sales_order(body: DraftSalesOrder) -> Reply:
    """Draft an order for a customer. 201 with the order; 409 if the number is taken."""
    return created_reply(SalesOrders, commands().draft(body))


@sales_orders.post("/<uuid:order_id>/place")
@accepts(EffectiveDateSchema)
def place_sales_order(order_id: UUID) -> Reply:
    """Place the order. 200 with the order; 409 unless it is a draft."""
    return resource_reply(SalesOrders, commands().place(order_id))


@sales_orders.post("/<uuid:order_id>/amend", prefilled=True)
@accepts(AmendSalesOrder)
def amend_sales_order(order_id: UUID, body: AmendSalesOrder) -> Reply:
    """Change a draft, or request the change of a placed order; `lines` is the full list.

    200 with the order; 409 once everything is shipped. A placed order is `amending`, or `held` for credit, until SCM
    accepts the change or refuses it with a `reason`. A line with the same item and price keeps its number. No quantity
    can go below what was shipped, and the first shipment fixes the freight.
    """
    return resource_reply(SalesOrders, commands().amend(order_id, body))


@sales_orders.post("/<uuid:order_id>/cancel", danger=True)
@accepts(CancelSalesOrder)
def cancel_sales_order(order_id: UUID, body: CancelSalesOrder) -> Reply:
    """Cancel a draft, or request cancellation of a placed order. 200 with the order; 409 once everything is shipped."""
    return resource_reply(SalesOrders, commands().cancel(order_id, body.reason))
