"""Postings of invoices and write-offs: accounts, sides and posting day."""

from services.erp.entities.domain.chart_of_accounts import AccountRole
from services.erp.ledger.domain.books import Books, JournalEntries
from services.erp.ledger.domain.journal_entry import EntryKind
from services.erp.ledger.domain.write_off import WriteOff, post_write_off
from services.erp.receivables.domain.invoice import Invoice


def post_invoice(books: Books, invoice: Invoice) -> JournalEntries:
    """Post a customer invoice: receivables against sales and freight income."""
    postings = (
        books.debit(AccountRole.RECEIVABLES, invoice.total, invoice.customer_id),
        books.credit(AccountRole.SALES, invoice.net),
        books.credit(AccountRole.FREIGHT_INCOME, invoice.freight),
    )
    yield from books.post(EntryKind.INVOICE, invoice.id, invoice.invoiced_on, postings, invoice.number)


def post_invoice_write_off(books: Books, invoice: Invoice, write_off: WriteOff) -> JournalEntries:
    """Post a write-off against receivables."""
    postings = (
        books.debit(AccountRole.WRITE_OFFS, write_off.amount),
        books.credit(AccountRole.RECEIVABLES, write_off.amount, invoice.customer_id),
    )
    yield from post_write_off(books, invoice.id, invoice.number, write_off, postings)
