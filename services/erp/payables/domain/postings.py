"""Postings of supplier invoices: accounts, sides and posting day."""

from datetime import date

from services.erp.ledger.domain.account import GOODS_RECEIVED_NOT_INVOICED, PAYABLES, PURCHASE_PRICE_VARIANCE
from services.erp.ledger.domain.accounting_periods import AccountingPeriods
from services.erp.ledger.domain.journal_entry import EntryKind, credit, debit
from services.erp.ledger.domain.postings import JournalEntries, entry_unless_zero
from services.erp.payables.domain.invoice_matching import InvoiceMatching
from services.erp.payables.domain.supplier_invoice import SupplierInvoice
from shared.domain import derived_id
from shared.money import Money


def post_supplier_invoice(books: AccountingPeriods, invoice: SupplierInvoice) -> JournalEntries:
    """Post a supplier invoice: goods received not invoiced at received value, the rest as price variance."""
    postings = (
        debit(GOODS_RECEIVED_NOT_INVOICED, invoice.cleared_amount, invoice.supplier_id),
        debit(PURCHASE_PRICE_VARIANCE, invoice.total - invoice.cleared_amount),
        credit(PAYABLES, invoice.total, invoice.supplier_id),
    )
    yield from entry_unless_zero(books, EntryKind.SUPPLIER_INVOICE, invoice.id, invoice.billed_on, postings)


def post_clearing_adjustment(
    books: AccountingPeriods, matching: InvoiceMatching, on: date, cleared: Money
) -> JournalEntries:
    """Post an additional clearing of goods received not invoiced against price variance."""
    postings = (
        debit(GOODS_RECEIVED_NOT_INVOICED, cleared, matching.supplier_id),
        credit(PURCHASE_PRICE_VARIANCE, cleared),
    )
    yield from entry_unless_zero(
        books, EntryKind.GRNI_CLEARING, derived_id("clearing", matching.id, matching.version), on, postings
    )
