"""Postings of invoices and write-offs: accounts, sides and posting day."""

from datetime import date

from services.erp.entities.domain.chart_of_accounts import AccountRole
from services.erp.ledger.domain.books import Books, JournalEntries
from services.erp.ledger.domain.journal_entry import EntryKind
from services.erp.receivables.domain.invoice import Invoice
from shared.domain import derived_id
from shared.money import Money


def post_invoice(books: Books, invoice: Invoice) -> JournalEntries:
    """Post a customer invoice: receivables against sales and freight income."""
    postings = (
        books.debit(AccountRole.RECEIVABLES, invoice.total, invoice.customer_id),
        books.credit(AccountRole.SALES, invoice.net),
        books.credit(AccountRole.FREIGHT_INCOME, invoice.freight),
    )
    yield from books.post(EntryKind.INVOICE, invoice.id, invoice.invoiced_on, postings)


def post_write_off(books: Books, invoice: Invoice, amount: Money, on: date) -> JournalEntries:
    """Post a write-off against receivables."""
    postings = (
        books.debit(AccountRole.WRITE_OFFS, amount),
        books.credit(AccountRole.RECEIVABLES, amount, invoice.customer_id),
    )
    document = derived_id("write-off", invoice.id, invoice.version)
    yield from books.post(EntryKind.WRITE_OFF, document, on, postings)
