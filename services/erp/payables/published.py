"""Published events of payables."""

from datetime import date
from uuid import UUID

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


@published.after(SupplierInvoice.Settled)
def supplier_invoice_settled(
    settled: SupplierInvoice.Settled, invoice: SupplierInvoice
) -> erp.SupplierInvoiceSettlementChanged:
    """Publish what is still owed of a supplier invoice after a payment or credit settled a part of it."""
    return _settlement_changed(invoice, settled.settled_by, settled.settled_on)


@published.after(SupplierInvoice.Reopened)
def supplier_invoice_reopened(
    reopened: SupplierInvoice.Reopened, invoice: SupplierInvoice
) -> erp.SupplierInvoiceSettlementChanged:
    """Publish what is owed of a supplier invoice after a settlement of it was undone."""
    return _settlement_changed(invoice, reopened.settled_by, reopened.reopened_on)


def _settlement_changed(invoice: SupplierInvoice, settled_by: UUID, on: date) -> erp.SupplierInvoiceSettlementChanged:
    order, supplier = invoice.purchase_order_id, invoice.supplier_id
    return erp.SupplierInvoiceSettlementChanged(invoice.id, order, supplier, settled_by, on, invoice.open)
