"""Projection of sales orders."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.crm.customers.projections import Customers
from services.crm.sales_orders.domain.order_terms import OrderLine
from services.crm.sales_orders.domain.sales_order import SalesOrder
from shared.money import Money, plain_number
from shared.projections import ResourceProjection


class SalesOrders(ResourceProjection):
    """All sales orders, with the reserved, shipped and invoiced quantity of each line."""

    aggregate_class = SalesOrder
    columns = {
        "number": str, "customer_id": UUID, "status": str, "currency": str, "ordered_on": date, "required_on": date,
        "warehouse": str, "sales_rep": str, "total": Money,
    }  # fmt: skip
    search = ("number",)
    owned_by = "customer_id", Customers
    extra_fields = {
        "reason": str, "backorder": str, "net": Money, "freight": Money,
        "ship_to": dict.fromkeys(("name", "street", "city", "region", "postal_code", "country"), str),
        "lines": [
            {
                "line": int, "sku": str, "quantity": Decimal, "unit_price": Money, "discount_percent": Decimal,
                "net": Money, "ordered": Decimal, "reserved": Decimal, "shipped": Decimal, "invoiced": Decimal,
            }
        ],
        "revision": int, "amendment": {"revision": int, "total": Money},
    }  # fmt: skip

    @staticmethod
    def to_row(order: SalesOrder) -> dict[str, Any]:
        terms = order.terms
        return {
            "number": order.number,
            "customer_id": order.customer_id,
            "status": order.status,
            "reason": order.reason,
            "currency": order.currency,
            "ordered_on": order.ordered_on,
            "required_on": terms.required_on,
            "warehouse": order.warehouse,
            "backorder": order.backorder,
            "sales_rep": order.sales_rep,
            "ship_to": terms.ship_to,
            "lines": [_line(order, line) for line in terms.lines],
            "net": terms.net,
            "freight": terms.freight,
            "total": terms.total,
            "revision": order.revision,
            "amendment": {"revision": order.last_requested_revision, "total": order.requested_terms.total}
            if order.amendments
            else None,
        }


def _line(order: SalesOrder, line: OrderLine) -> dict[str, Any]:
    progress = order.progress[line.line]
    return {
        "line": line.line,
        "sku": line.sku,
        "quantity": plain_number(line.quantity),
        "unit_price": line.unit_price,
        "discount_percent": plain_number(line.discount_percent),
        "net": line.net,
        "ordered": plain_number(progress.ordered),
        "reserved": plain_number(progress.reserved),
        "shipped": plain_number(progress.shipped),
        "invoiced": plain_number(progress.invoiced),
    }
