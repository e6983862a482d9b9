"""Events of ERP: credit and invoices."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.contracts import PublishedEvent, make_contract_part, register_published_event
from shared.money import Money


@register_published_event("credit")
class CreditApproved(PublishedEvent):
    """Credit for an order was approved: within the limit, by a person (`released_by`), or as a payment freed it.

    `revision` 1 is the order as placed, higher ones are amendments.
    """

    order_id: UUID
    customer_id: UUID
    released_by: str | None = None
    revision: int = 1


@register_published_event("credit")
class CreditHeld(PublishedEvent):
    """An order was held: it would exceed the customer's credit. A person releases it, or a payment frees credit."""

    order_id: UUID
    customer_id: UUID
    limit: Money
    exposure: Money
    requested_amount: Money
    revision: int = 1


@make_contract_part
class InvoiceLine:
    """One invoiced line, `line` as in the sales order; net rounded half up to the currency's decimals."""

    line: int
    sku: str
    quantity: Decimal
    net: Money


@register_published_event("invoice")
class InvoicePosted(PublishedEvent):
    """An invoice to a customer was posted, for exactly the goods of one shipment. Numbers are gapless per series."""

    invoice_id: UUID
    series: str
    number: str
    order_id: UUID
    shipment_id: UUID
    customer_id: UUID
    invoiced_on: date
    due_on: date
    lines: tuple[InvoiceLine, ...]
    freight: Money
    total: Money


@register_published_event("invoice")
class InvoiceSettlementChanged(PublishedEvent):
    """A payment or credit settled a part of an invoice, or no longer does. `open` is what remains; zero = paid.

    `settled_by` is the payment, or the open item whose credit it was.
    """

    invoice_id: UUID
    order_id: UUID
    customer_id: UUID
    settled_by: UUID
    changed_on: date
    open: Money


@register_published_event("invoice")
class InvoiceWrittenOff(PublishedEvent):
    """An invoice was written off: its small remaining amount. `open` is what is still to be paid; zero = paid."""

    invoice_id: UUID
    order_id: UUID
    customer_id: UUID
    written_off_on: date
    amount: Money
    open: Money


@register_published_event("invoice")
class InvoiceWriteOffReversed(PublishedEvent):
    """The write-off of an invoice was reversed: this amount is open again. `open` is all that is to be paid."""

    invoice_id: UUID
    order_id: UUID
    customer_id: UUID
    reversed_on: date
    amount: Money
    open: Money
