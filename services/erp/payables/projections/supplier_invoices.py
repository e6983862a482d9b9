"""Supplier invoices."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.erp.payables.domain.supplier_invoice import (
    Deviation,
    DeviationReason,
    Status,
    SupplierInvoice,
    SupplierInvoiceDetails,
    SupplierInvoiceLine,
)
from shared.fields import Code
from shared.fields.rows import columns_of, extra_fields_of, row_of
from shared.money import Money, UnitPrice, plain_number
from shared.projections import ResourceProjection


class SupplierInvoices(ResourceProjection):
    """Supplier invoices, whether they match, and their open amounts (zero while blocked)."""

    aggregate_class = SupplierInvoice
    columns = {
        "number": Code,
        "status": Status,
        "supplier_id": UUID,
        "purchase_order_id": UUID,
        "billed_on": date,
        "due_on": date,
        **columns_of(SupplierInvoiceDetails),
        "total": Money,
        "open": Money,
    }
    search = ("number",)
    extra_fields = {
        "lines": [{"line": int, "sku": Code, "quantity": Decimal, "unit_price": UnitPrice, "net": Money}],
        "blocked": [{"line": int, "reason": DeviationReason, "allowed": Decimal, "billed": Decimal}],
        "recorded_by": str,
        "released_by": str,
        "reason": str,
        **extra_fields_of(SupplierInvoiceDetails),
    }

    @staticmethod
    def to_row(invoice: SupplierInvoice) -> dict[str, Any]:
        return {
            "number": invoice.number,
            "status": invoice.status,
            "supplier_id": invoice.supplier_id,
            "purchase_order_id": invoice.purchase_order_id,
            "billed_on": invoice.billed_on,
            "due_on": invoice.due_on,
            "lines": [_line(number, each) for number, each in enumerate(invoice.lines, 1)],
            "blocked": [_deviation(each) for each in invoice.deviations],
            "total": invoice.total,
            "open": invoice.open,
            "recorded_by": invoice.recorded_by,
            "released_by": invoice.released_by,
            "reason": invoice.reason,
            **row_of(invoice.details),
        }


def _line(number: int, line: SupplierInvoiceLine) -> dict[str, Any]:
    return {
        "line": number,
        "sku": line.sku,
        "quantity": plain_number(line.quantity),
        "unit_price": line.unit_price,
        "net": line.net,
    }


def _deviation(deviation: Deviation) -> dict[str, Any]:
    return {
        "line": deviation.line,
        "reason": deviation.reason,
        "allowed": plain_number(deviation.allowed),
        "billed": plain_number(deviation.billed),
    }
