"""Published events of receivables."""

from datetime import date
from uuid import UUID

from services.erp.receivables.domain.credit_account import CreditAccount
from services.erp.receivables.domain.invoice import Invoice
from shared.contracts import erp, fill_contract
from shared.money import Money
from shared.policies import PublishedEventMappings

published = PublishedEventMappings()


@published.after(CreditAccount.OrderApproved)
def credit_approved(approved: CreditAccount.OrderApproved, credit: CreditAccount) -> erp.CreditApproved:
    """Publish that the order is approved within the customer's credit limit."""
    return erp.CreditApproved(approved.order_id, credit.customer_id, revision=approved.revision)


@published.after(CreditAccount.OrderReleased)
def credit_approved_by_person(released: CreditAccount.OrderReleased, credit: CreditAccount) -> erp.CreditApproved:
    """Publish that a person approved an order that was held for credit."""
    return erp.CreditApproved(released.order_id, credit.customer_id, released.meta.actor, released.revision)


@published.after(CreditAccount.OrderHeld)
def credit_held(held: CreditAccount.OrderHeld, credit: CreditAccount) -> erp.CreditHeld:
    """Publish that the order is held, with the customer's limit and exposure."""
    limit = Money.zero(held.total.currency) if credit.limit is None else credit.limit
    exposure = credit.exposure_in(held.total.currency)
    return erp.CreditHeld(held.order_id, credit.customer_id, limit, exposure, held.total, held.revision)


@published.after(Invoice.Posted)
def invoice_posted(posted: Invoice.Posted, invoice: Invoice) -> erp.InvoicePosted:
    """Publish the invoice as it was posted, with its goods and due date."""
    lines = tuple(fill_contract(erp.InvoiceLine, each) for each in posted.lines)
    return fill_contract(erp.InvoicePosted, posted, invoice_id=invoice.id, order_id=posted.sales_order_id, lines=lines)


@published.after(Invoice.Settled)
def invoice_settled(settled: Invoice.Settled, invoice: Invoice) -> erp.InvoiceSettlementChanged:
    """Publish what is still open of an invoice after a payment or credit settled a part of it."""
    return _settlement_changed(invoice, settled.settled_by, settled.settled_on)


@published.after(Invoice.Reopened)
def invoice_reopened(reopened: Invoice.Reopened, invoice: Invoice) -> erp.InvoiceSettlementChanged:
    """Publish what is open of an invoice after a settlement of it was undone."""
    return _settlement_changed(invoice, reopened.settled_by, reopened.reopened_on)


def _settlement_changed(invoice: Invoice, settled_by: UUID, on: date) -> erp.InvoiceSettlementChanged:
    order, customer = invoice.sales_order_id, invoice.customer_id
    return erp.InvoiceSettlementChanged(invoice.id, order, customer, settled_by, on, invoice.open)


@published.after(Invoice.WrittenOff)
def invoice_written_off(written_off: Invoice.WrittenOff, invoice: Invoice) -> erp.InvoiceWrittenOff:
    """Publish the amount written off an invoice, and the amount still open."""
    return fill_contract(
        erp.InvoiceWrittenOff, written_off, invoice, invoice_id=invoice.id, order_id=invoice.sales_order_id
    )


@published.after(Invoice.WriteOffsReversed)
def invoice_write_off_reversed(reversed_: Invoice.WriteOffsReversed, invoice: Invoice) -> erp.InvoiceWriteOffReversed:
    """Publish the amount of an invoice that is open again after its write-off was reversed."""
    return fill_contract(
        erp.InvoiceWriteOffReversed, reversed_, invoice, invoice_id=invoice.id, order_id=invoice.sales_order_id
    )
