"""What ERP says: credit, invoices and money."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.contracts import Contract, part, published
from shared.money import Money


@published("credit")
class CreditApproved(Contract):
    """The order stands within the customer's credit, or a person (`released_by`) or a payment made room for it.

    `revision` 1 is the order as it was placed, the next ones are amendments.
    """

    order_id: UUID
    customer_id: UUID
    released_by: str | None = None
    revision: int = 1


@published("credit")
class CreditHeld(Contract):
    """The order would exceed the customer's credit and waits for a person or a payment."""

    order_id: UUID
    customer_id: UUID
    limit: Money
    exposure: Money
    requested_amount: Money
    revision: int = 1


@part
class InvoiceLine:
    """One invoiced line, `line` as in the sales order; net half up to the currency's digits."""

    line: int
    sku: str
    quantity: Decimal
    net: Money


@published("invoice")
class InvoicePosted(Contract):
    """Exactly what one shipment carried was invoiced. Numbers are gapless per series."""

    invoice_id: UUID
    series: str
    number: int
    order_id: UUID
    shipment_id: UUID
    customer_id: UUID
    invoiced_on: date
    due_on: date
    lines: tuple[InvoiceLine, ...]
    freight: Money
    total: Money


@published("invoice")
class InvoicePaymentChanged(Contract):
    """A payment settled part or all of an invoice, or was taken back. `open` is what is left; zero = paid."""

    invoice_id: UUID
    order_id: UUID
    customer_id: UUID
    payment_id: UUID
    paid_on: date
    open: Money


@published("invoice")
class InvoiceWrittenOff(Contract):
    """The rest of an invoice, a small difference, is not asked for any more. `open` is what is left: zero = paid."""

    invoice_id: UUID
    order_id: UUID
    customer_id: UUID
    written_off_on: date
    amount: Money
    open: Money


@part
class SupplierInvoiceLine:
    """A quantity that a supplier billed, `line` as in the purchase order."""

    line: int
    sku: str
    quantity: Decimal


@published("supplier_invoice")
class SupplierInvoicePosted(Contract):
    """A supplier's bill is owed: it matched order and receipts, or somebody released it."""

    supplier_invoice_id: UUID
    purchase_order_id: UUID
    supplier_id: UUID
    number: str
    billed_on: date
    due_on: date
    lines: tuple[SupplierInvoiceLine, ...]
    total: Money


@published("supplier_invoice")
class SupplierInvoicePaymentChanged(Contract):
    """A payment settled part or all of a bill, or was taken back. `open` is what is left; zero = paid."""

    supplier_invoice_id: UUID
    purchase_order_id: UUID
    supplier_id: UUID
    payment_id: UUID
    paid_on: date
    open: Money
