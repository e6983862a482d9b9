"""Customer invoices."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.erp.receivables.domain.invoice import Invoice, InvoiceLine, Status
from shared.fields import Code, SubjectId
from shared.money import Money, UnitPrice, plain_number
from shared.projections import ResourceProjection


class Invoices(ResourceProjection):
    """Customer invoices and their open amounts."""

    aggregate_class = Invoice
    version = 2
    columns = {
        "number": Code,
        "status": Status,
        "customer_id": SubjectId,
        "sales_order_id": UUID,
        "invoiced_on": date,
        "due_on": date,
        "total": Money,
        "open": Money,
        "written_off": Money,
    }
    extra_fields = {
        "series": str, "shipment_id": UUID, "net": Money, "freight": Money, "tax": Money,
        "lines": [
            {
                "line": int, "sku": Code, "quantity": Decimal, "unit_price": UnitPrice, "discount_percent": Decimal,
                "net": Money,
            }
        ],
    }  # fmt: skip

    @staticmethod
    def to_row(invoice: Invoice) -> dict[str, Any]:
        return {
            "number": invoice.number,
            "series": invoice.series,
            "status": invoice.status,
            "customer_id": invoice.customer_id,
            "sales_order_id": invoice.sales_order_id,
            "shipment_id": invoice.shipment_id,
            "invoiced_on": invoice.invoiced_on,
            "due_on": invoice.due_on,
            "lines": [_line(each) for each in invoice.lines],
            "net": invoice.net,
            "freight": invoice.freight,
            "tax": Money.zero(invoice.total.currency),
            "total": invoice.total,
            "open": invoice.open,
            "written_off": invoice.written_off,
        }

    @classmethod
    def excluded_commands(cls, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Nothing can be reversed of an invoice without a write-off."""
        return () if Decimal(row["written_off"]["amount"]) else ("reverse_write_off",)


def _line(line: InvoiceLine) -> dict[str, Any]:
    return {
        "line": line.line,
        "sku": line.sku,
        "quantity": plain_number(line.quantity),
        "unit_price": line.unit_price,
        "discount_percent": plain_number(line.discount_percent),
        "net": line.net,
    }
