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
class SupplierInvoicePaymentChanged(PublishedEvent):
    """A payment was applied to a supplier invoice or reversed. `open` is the remaining amount; zero = paid."""

    supplier_invoice_id: UUID
    purchase_order_id: UUID
    supplier_id: UUID
    payment_id: UUID
    paid_on: date
    open: Money
