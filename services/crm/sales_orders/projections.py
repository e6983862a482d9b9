"""Projection of sales orders."""

from datetime import date
from decimal import Decimal
from typing import Any

from services.crm.customers.projections import Customers
from services.crm.sales_orders.domain.order_terms import AmendableDetails, OrderDetails, OrderLine, ShipTo
from services.crm.sales_orders.domain.sales_order import SalesOrder
from services.crm.sales_orders.domain.status import Status
from shared.fields import Code, Currency, OrNone, SubjectId, part_of
from shared.fields.rows import columns_of, row_of, shape_of
from shared.money import Money, plain_number
from shared.projections import ResourceProjection


class SalesOrders(ResourceProjection):
    """All sales orders, with the progress of each line. Amounts are those of what stands, without cancelled goods."""

    version = 3

    aggregate_class = SalesOrder
    has_history = True
    columns = {
        "number": Code, "customer_id": SubjectId, "status": Status, "currency": Currency, "ordered_on": date | None,
        **columns_of(AmendableDetails), **columns_of(OrderDetails), "total": Money,
    }  # fmt: skip
    search = ("number",)
    owned_by = "customer_id", Customers
    extra_fields = {
        "reason": str | None, "ship_to": OrNone(shape_of(ShipTo)),
        "lines": [
            {
                **columns_of(OrderLine),
                "net": Money, "ordered": Decimal, "cancelled": Decimal, "reserved": Decimal, "shipped": Decimal,
                "invoiced": Decimal,
            }
        ],
        "net": Money, "freight": Money,
        "revision": int, "amendment": OrNone({"revision": int, "total": Money, "refused_because": str | None}),
    }  # fmt: skip

    @staticmethod
    def to_row(order: SalesOrder) -> dict[str, Any]:
        terms, nets = order.terms, [order.net_of(line) for line in order.terms.lines]
        net, freight = Money.sum(nets, order.currency), order.freight
        return {
            "number": order.number,
            "customer_id": order.customer_id,
            "status": order.status,
            "reason": order.reason,
            "currency": order.currency,
            "ordered_on": order.ordered_on,
            **row_of(part_of(AmendableDetails, terms)),
            "ship_to": terms.ship_to and row_of(terms.ship_to),
            **row_of(order.details),
            "lines": [_line(order, *each) for each in zip(terms.lines, nets, strict=True)],
            "net": net,
            "freight": freight,
            "total": net + freight,
            "revision": order.revision,
            "amendment": _amendment(order),
        }


def _amendment(order: SalesOrder) -> dict[str, Any] | None:
    """Return the amendment that SCM decides on, else the one that it refused last."""
    if order.amendments:
        total = order.requested_terms.total
        return {"revision": order.last_requested_revision, "total": total, "refused_because": None}
    refused = order.refused_amendment
    if refused is None:
        return None
    return {"revision": refused.revision, "total": refused.total, "refused_because": refused.reason}


def _line(order: SalesOrder, line: OrderLine, net: Money) -> dict[str, Any]:
    progress = order.progress[line.line]
    return {
        **row_of(line),
        "net": net,
        "ordered": plain_number(progress.ordered),
        "cancelled": plain_number(progress.cancelled),
        "reserved": plain_number(progress.reserved),
        "shipped": plain_number(progress.shipped),
        "invoiced": plain_number(progress.invoiced),
    }
