"""Projection of sales orders."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.crm.customers.projections import Customers
from services.crm.sales_orders.domain.order_terms import AmendableDetails, OrderDetails, OrderLine
from services.crm.sales_orders.domain.sales_order import SalesOrder
from services.crm.sales_orders.domain.status import Status
from shared.fields import Code, part_of
from shared.fields.rows import columns_of, extra_fields_of, row_of
from shared.money import Money, plain_number
from shared.projections import ResourceProjection


class SalesOrders(ResourceProjection):
    """All sales orders, with the reserved, shipped and invoiced quantity of each line."""

    aggregate_class = SalesOrder
    columns = {
        "number": Code, "customer_id": UUID, "status": Status, "currency": str, "ordered_on": date,
        **columns_of(AmendableDetails), **columns_of(OrderDetails), "total": Money,
    }  # fmt: skip
    search = ("number",)
    owned_by = "customer_id", Customers
    extra_fields = {
        "reason": str, **extra_fields_of(AmendableDetails), **extra_fields_of(OrderDetails),
        "lines": [
            {
                **columns_of(OrderLine),
                "net": Money, "ordered": Decimal, "reserved": Decimal, "shipped": Decimal, "invoiced": Decimal,
            }
        ],
        "net": Money, "freight": Money,
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
            **row_of(part_of(AmendableDetails, terms)),
            **row_of(order.details),
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
        **row_of(line),
        "net": line.net,
        "ordered": plain_number(progress.ordered),
        "reserved": plain_number(progress.reserved),
        "shipped": plain_number(progress.shipped),
        "invoiced": plain_number(progress.invoiced),
    }
