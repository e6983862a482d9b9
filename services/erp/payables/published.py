"""Published events of payables."""

from services.erp.payables.domain.supplier_invoice import SupplierInvoice
from shared.contracts import erp, fill_contract
from shared.policies import PublishedEventMappings

published = PublishedEventMappings()


@published.after(SupplierInvoice.Matched, SupplierInvoice.Released)
def supplier_invoice_posted(
    accepted: SupplierInvoice.Matched | SupplierInvoice.Released, invoice: SupplierInvoice
) -> erp.SupplierInvoicePosted | None:
    """Publish the accepted supplier invoice with its order lines, once: not if it was posted before its release."""
    if not accepted.lines:
        return None
    lines = tuple(fill_contract(erp.SupplierInvoiceLine, each) for each in accepted.lines)
    return fill_contract(
        erp.SupplierInvoicePosted, invoice, invoice.details, supplier_invoice_id=invoice.id, lines=lines
    )


@published.after(SupplierInvoice.PaymentApplied, SupplierInvoice.PaymentReversed)
def supplier_invoice_payment_changed(
    changed: SupplierInvoice.PaymentApplied | SupplierInvoice.PaymentReversed, invoice: SupplierInvoice
) -> erp.SupplierInvoicePaymentChanged:
    """Publish the amount of a supplier invoice still owed after a payment was applied or reversed."""
    return fill_contract(erp.SupplierInvoicePaymentChanged, changed, invoice, supplier_invoice_id=invoice.id)
