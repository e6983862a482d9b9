"""Postings of supplier invoices: accounts, sides and posting day."""

from datetime import date

from services.erp.entities.domain.chart_of_accounts import AccountRole
from services.erp.ledger.domain.books import Books, JournalEntries
from services.erp.ledger.domain.journal_entry import EntryKind
from services.erp.ledger.domain.write_off import WriteOff, post_write_off
from services.erp.payables.domain.invoice_matching import InvoiceMatching
from services.erp.payables.domain.supplier_invoice import SupplierInvoice
from shared.domain import derived_id
from shared.money import Money


def post_supplier_invoice(books: Books, invoice: SupplierInvoice) -> JournalEntries:
    """Post a supplier invoice: goods received not invoiced at received value, the rest as price variance."""
    postings = (
        books.debit(AccountRole.GOODS_RECEIVED_NOT_INVOICED, invoice.cleared_amount, invoice.supplier_id),
        books.debit(AccountRole.PURCHASE_PRICE_VARIANCE, invoice.total - invoice.cleared_amount),
        books.credit(AccountRole.PAYABLES, invoice.total, invoice.supplier_id),
    )
    yield from books.post(EntryKind.SUPPLIER_INVOICE, invoice.id, invoice.billed_on, postings, invoice.number)


def post_supplier_invoice_write_off(books: Books, invoice: SupplierInvoice, write_off: WriteOff) -> JournalEntries:
    """Post a write-off against payables."""
    postings = (
        books.debit(AccountRole.PAYABLES, write_off.amount, invoice.supplier_id),
        books.credit(AccountRole.WRITE_OFFS, write_off.amount),
    )
    yield from post_write_off(books, invoice.id, invoice.number, write_off, postings)


def post_clearing_adjustment(books: Books, matching: InvoiceMatching, on: date, cleared: Money) -> JournalEntries:
    """Post an additional clearing of goods received not invoiced against price variance."""
    postings = (
        books.debit(AccountRole.GOODS_RECEIVED_NOT_INVOICED, cleared, matching.supplier_id),
        books.credit(AccountRole.PURCHASE_PRICE_VARIANCE, cleared),
    )
    document = derived_id("clearing", matching.id, matching.version)
    yield from books.post(EntryKind.GRNI_CLEARING, document, on, postings, matching.number)
