"""What others may hear of ERP, and in what words."""

from services.erp.domain.credit_account import CreditAccount
from services.erp.domain.invoice import Invoice
from services.erp.domain.supplier_invoice import SupplierInvoice
from shared.contracts import erp, told
from shared.money import Money
from shared.policy import Published

published = Published()


@published.after(CreditAccount.OrderApproved)
def credit_approved(approved: CreditAccount.OrderApproved, credit: CreditAccount) -> erp.CreditApproved:
    """The order may go ahead: it fits into the customer's credit."""
    return erp.CreditApproved(approved.order_id, credit.customer_id, revision=approved.revision)


@published.after(CreditAccount.OrderReleased)
def credit_released(released: CreditAccount.OrderReleased, credit: CreditAccount) -> erp.CreditApproved:
    """The order may go ahead: somebody decided so."""
    return erp.CreditApproved(released.order_id, credit.customer_id, released.meta.actor, released.revision)


@published.after(CreditAccount.OrderHeld)
def credit_held(held: CreditAccount.OrderHeld, credit: CreditAccount) -> erp.CreditHeld:
    """The order waits, and how much the customer owes already."""
    limit = Money.zero(held.total.currency) if credit.limit is None else credit.limit
    exposure = credit.exposure_in(held.total.currency)
    return erp.CreditHeld(held.order_id, credit.customer_id, limit, exposure, held.total, held.revision)


@published.after(Invoice.Posted)
def invoice_posted(posted: Invoice.Posted, invoice: Invoice) -> erp.InvoicePosted:
    """What is to be paid, for which goods, and until when."""
    lines = tuple(told(erp.InvoiceLine, each) for each in posted.lines)
    return told(erp.InvoicePosted, posted, invoice_id=invoice.id, order_id=posted.sales_order_id, lines=lines)


@published.after(Invoice.PaymentApplied, Invoice.PaymentReversed)
def invoice_payment_changed(
    changed: Invoice.PaymentApplied | Invoice.PaymentReversed, invoice: Invoice
) -> erp.InvoicePaymentChanged:
    """What is still open after a payment came or was taken back."""
    return erp.InvoicePaymentChanged(
        invoice.id, invoice.sales_order_id, invoice.customer_id, changed.payment_id, changed.paid_on, invoice.open
    )


@published.after(Invoice.WrittenOff)
def invoice_written_off(written_off: Invoice.WrittenOff, invoice: Invoice) -> erp.InvoiceWrittenOff:
    """The customer is not asked for the rest any more."""
    return told(erp.InvoiceWrittenOff, written_off, invoice, invoice_id=invoice.id, order_id=invoice.sales_order_id)


@published.after(SupplierInvoice.Matched, SupplierInvoice.Released)
def bill_posted(
    accepted: SupplierInvoice.Matched | SupplierInvoice.Released, bill: SupplierInvoice
) -> erp.SupplierInvoicePosted:
    """What is owed to a supplier, and for what of the order."""
    lines = tuple(told(erp.SupplierInvoiceLine, each) for each in accepted.lines)
    return told(erp.SupplierInvoicePosted, bill, supplier_invoice_id=bill.id, lines=lines)


@published.after(SupplierInvoice.PaymentApplied, SupplierInvoice.PaymentReversed)
def bill_payment_changed(
    changed: SupplierInvoice.PaymentApplied | SupplierInvoice.PaymentReversed, bill: SupplierInvoice
) -> erp.SupplierInvoicePaymentChanged:
    """What is still owed after a payment went out or was taken back."""
    return told(erp.SupplierInvoicePaymentChanged, changed, bill, supplier_invoice_id=bill.id)
