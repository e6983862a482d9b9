"""Supplier invoices."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.erp.payables.domain.deviation import Deviation, DeviationReason
from services.erp.payables.domain.supplier_invoice import (
    InvoicedOrderLine,
    Status,
    SupplierInvoice,
    SupplierInvoiceDetails,
    SupplierInvoiceLine,
)
from shared.fields import Code
from shared.fields.rows import columns_of, extra_fields_of, row_of
from shared.money import Money, UnitPrice, plain_number
from shared.projections import ResourceProjection
from shared.projections.column_types import NaturalText


class SupplierInvoices(ResourceProjection):
    """Supplier invoices, whether they match, and their open amounts (zero until they are first accepted).

    `line` is the line number of the purchase order, `position` the place on the invoice. `order_lines` are the order
    lines that it charged when it was accepted.
    """

    aggregate_class = SupplierInvoice
    columns = {
        "number": NaturalText,
        "status": Status,
        "supplier_id": UUID,
        "purchase_order_id": UUID,
        "billed_on": date,
        "due_on": date,
        **columns_of(SupplierInvoiceDetails),
        "total": Money,
        "open": Money,
        "written_off": Money,
        "owed_once_accepted": Money,
        "posted_on": date | None,
    }
    search = ("number",)
    extra_fields = {
        "lines": [
            {
                "position": int, "purchase_order_id": UUID, "line": int | None, "sku": Code, "quantity": Decimal,
                "unit_price": UnitPrice, "net": Money,
            }
        ],
        "order_lines": [
            {"position": int, "purchase_order_id": UUID, "line": int, "sku": Code, "quantity": Decimal}
        ],
        "blocked": [
            {
                "position": int, "purchase_order_id": UUID, "purchase_order": Code, "line": int, "sku": Code,
                "reason": DeviationReason, "allowed": Decimal, "billed": Decimal, "currency": str | None, "detail": str,
            }
        ],
        "recorded_by": str,
        "released_by": str | None,
        "reason": str | None,
        **extra_fields_of(SupplierInvoiceDetails),
    }  # fmt: skip

    @staticmethod
    def to_row(invoice: SupplierInvoice) -> dict[str, Any]:
        return {
            "number": invoice.number,
            "status": invoice.status,
            "supplier_id": invoice.supplier_id,
            "purchase_order_id": invoice.purchase_order_id,
            "billed_on": invoice.billed_on,
            "due_on": invoice.due_on,
            "lines": [_line(invoice, position, each) for position, each in enumerate(invoice.lines, 1)],
            "order_lines": [_order_line(each) for each in invoice.order_lines],
            "blocked": [_deviation(each) for each in invoice.deviations],
            "total": invoice.total,
            "open": invoice.open,
            "written_off": invoice.written_off,
            "owed_once_accepted": invoice.owed_once_accepted,
            "posted_on": invoice.posted_on,
            "recorded_by": invoice.recorded_by,
            "released_by": invoice.released_by,
            "reason": invoice.reason,
            **row_of(invoice.details),
        }

    @classmethod
    def excluded_commands(cls, row: Mapping[str, Any]) -> tuple[str, ...]:
        """An invoice that was posted is not rejected; nothing can be reversed of one without a write-off."""
        no_rejection = ("reject",) if row["posted_on"] else ()
        return no_rejection if Decimal(row["written_off"]["amount"]) else (*no_rejection, "reverse_write_off")


def _line(invoice: SupplierInvoice, position: int, line: SupplierInvoiceLine) -> dict[str, Any]:
    return {
        "position": position,
        "purchase_order_id": line.purchase_order_id or invoice.purchase_order_id,
        "line": line.line or invoice.order_line_of(position),
        "sku": line.sku,
        "quantity": plain_number(line.quantity),
        "unit_price": line.unit_price,
        "net": line.net,
    }


def _order_line(part: InvoicedOrderLine) -> dict[str, Any]:
    return {
        "position": part.position,
        "purchase_order_id": part.purchase_order_id,
        "line": part.line,
        "sku": part.sku,
        "quantity": plain_number(part.quantity),
    }


def _deviation(deviation: Deviation) -> dict[str, Any]:
    return {
        "position": deviation.position,
        "purchase_order_id": deviation.purchase_order_id,
        "purchase_order": deviation.purchase_order,
        "line": deviation.line,
        "sku": deviation.sku,
        "reason": deviation.reason,
        "allowed": plain_number(deviation.allowed),
        "billed": plain_number(deviation.billed),
        "currency": deviation.currency,
        "detail": deviation.detail,
    }
