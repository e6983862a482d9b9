"""Projection of purchase orders."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.srm.purchase_orders.domain.purchase_line import PurchaseLine
from services.srm.purchase_orders.domain.purchase_order import ZERO, PurchaseOrder, PurchaseOrderDetails, Status
from shared.fields import Code, Currency
from shared.fields.rows import columns_of, extra_fields_of, row_of
from shared.money import Money, UnitPrice, plain_number
from shared.projections import ResourceProjection


class PurchaseOrders(ResourceProjection):
    """All purchase orders, with the progress of each line. Amounts are of what stands, without cancelled goods."""

    version = 2

    aggregate_class = PurchaseOrder
    columns = {
        "number": Code, "supplier_id": UUID, "status": Status, "currency": Currency, "ordered_on": date | None,
        "expected_on": date | None, "warehouse": Code, "request_id": UUID | None,
        **columns_of(PurchaseOrderDetails), "total": Money,
    }  # fmt: skip
    search = ("number",)
    extra_fields = {
        "reason": str | None, "revision": int, "over_receipt_percent": Decimal | None,
        **extra_fields_of(PurchaseOrderDetails),
        "lines": [
            {
                "line": int, "sku": str, "quantity": Decimal, "unit_price": UnitPrice, "net": Money, "ordered": Decimal,
                "cancelled": Decimal, "received": Decimal, "billed": Decimal, "open": Decimal,
            }
        ],
    }  # fmt: skip

    @staticmethod
    def to_row(order: PurchaseOrder) -> dict[str, Any]:
        return {
            "number": order.number,
            "supplier_id": order.supplier_id,
            "status": order.status,
            "reason": order.reason,
            "currency": order.currency,
            "ordered_on": order.ordered_on,
            "expected_on": order.expected_on,
            "revision": order.revision,
            "over_receipt_percent": None
            if order.over_receipt_percent is None
            else plain_number(order.over_receipt_percent),
            "warehouse": order.warehouse,
            "request_id": order.request_id,
            **row_of(order.details),
            "lines": [_line(order, line) for line in order.lines],
            "total": order.total,
        }


def _line(order: PurchaseOrder, line: PurchaseLine) -> dict[str, Any]:
    return {
        "line": line.line,
        "sku": line.sku,
        "quantity": plain_number(line.quantity),
        "unit_price": line.unit_price,
        "net": order.net_of(line),
        "ordered": plain_number(line.quantity),
        "cancelled": plain_number(order.cancelled_quantity(line)),
        "received": plain_number(order.received[line.line]),
        "billed": plain_number(order.invoiced_quantities.get(line.line, ZERO)),
        "open": plain_number(order.open_quantity(line)),
    }
