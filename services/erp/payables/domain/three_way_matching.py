"""Three-way matching: a supplier invoice is owed as soon as it agrees with the order and the receipts."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from services.erp.ledger.domain.books import open_books
from services.erp.payables.domain.invoice_matching import InvoiceMatching, ReceivedLine
from services.erp.payables.domain.line_match import AgreedLine, Tolerances
from services.erp.payables.domain.postings import post_clearing_adjustment, post_supplier_invoice
from services.erp.payables.domain.supplier_invoice import SupplierInvoice
from services.erp.payables.settings import PayablesSettings
from shared.domain import Aggregate, UnitOfWork
from shared.money import Money


def match_invoice(invoice: SupplierInvoice, matching: InvoiceMatching, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Accept the invoice if it matches; else block it, with a reason per line, until goods arrive or prices change."""
    settings = uow.get_settings(PayablesSettings)
    tolerances = Tolerances(settings.price_tolerance_percent, settings.quantity_tolerance_percent)
    deviations = tuple(matching.deviations(invoice.lines, tolerances))
    if deviations:
        invoice.block(deviations)
        matching.add_pending_invoice(invoice.id)
        yield from (invoice, matching)
    else:
        invoice.match(matching.include_invoice(invoice.id, invoice.billed_on, invoice.lines))
        yield from (invoice, matching, *post_supplier_invoice(open_books(uow), invoice))


def include_receipt(
    purchase_order_id: UUID, receipt_id: UUID, received_on: date, parts: Sequence[ReceivedLine], uow: UnitOfWork
) -> Iterator[Aggregate]:
    """Count a receipt, and match the blocked invoices of the order again."""
    matching = uow.get(InvoiceMatching, InvoiceMatching.create_id(purchase_order_id))
    cleared = matching.include_receipt(receipt_id, received_on, parts)
    yield from _rematch_pending(matching, received_on, cleared, uow)


def revise_prices(purchase_order_id: UUID, lines: tuple[AgreedLine, ...], uow: UnitOfWork) -> Iterator[Aggregate]:
    """Set revised prices, and match the blocked invoices of the order again."""
    matching = uow.get(InvoiceMatching, InvoiceMatching.create_id(purchase_order_id))
    cleared = matching.revise_prices(lines, uow.effective_on)
    yield from _rematch_pending(matching, uow.effective_on, cleared, uow)


def _rematch_pending(matching: InvoiceMatching, on: date, cleared: Money, uow: UnitOfWork) -> Iterator[Aggregate]:
    yield from (matching, *post_clearing_adjustment(open_books(uow), matching, on, cleared))
    for invoice_id in matching.pending_invoice_ids:
        yield from match_invoice(uow.get(SupplierInvoice, invoice_id), matching, uow)


def release_invoice(
    invoice: SupplierInvoice, matching: InvoiceMatching, reason: str, by: str, uow: UnitOfWork
) -> Iterator[Aggregate]:
    """Accept the invoice on a person's decision. Raises the errors of `SupplierInvoice.require_releasable`."""
    invoice.require_releasable(by)
    parts = matching.include_invoice(invoice.id, invoice.billed_on, invoice.lines)
    invoice.release(reason, by, parts)
    yield from (invoice, matching, *post_supplier_invoice(open_books(uow), invoice))
