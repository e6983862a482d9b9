"""Events of ERP: supplier invoices."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.contracts import PublishedEvent, make_contract_part, register_published_event
from shared.money import Money


@make_contract_part
class SupplierInvoiceLine:
    """One line of a supplier invoice: a quantity invoiced, `line` as in its purchase order."""

    line: int
    sku: str
    quantity: Decimal
    purchase_order_id: UUID


@register_published_event("supplier_invoice")
class SupplierInvoicePosted(PublishedEvent):
    """A supplier invoice was posted: it matched orders and receipts, or a person released it.

    Each line names its order; `purchase_order_id` is the order of the invoice's header.
    """

    supplier_invoice_id: UUID
    purchase_order_id: UUID
    supplier_id: UUID
    number: str
    billed_on: date
    due_on: date
    lines: tuple[SupplierInvoiceLine, ...]
    total: Money


@register_published_event("supplier_invoice")
class SupplierInvoiceSettlementChanged(PublishedEvent):
    """A payment or credit settled a part of a supplier invoice, or no longer does. `open` is what remains; zero = paid.

    `settled_by` is the payment, or the open item whose credit it was.
    """

    supplier_invoice_id: UUID
    purchase_order_id: UUID
    supplier_id: UUID
    settled_by: UUID
    changed_on: date
    open: Money
