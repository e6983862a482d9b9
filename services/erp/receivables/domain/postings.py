"""Postings of invoices and write-offs: accounts, sides and posting day."""

from datetime import date

from services.erp.ledger.domain.account import FREIGHT_INCOME, OPERATING_EXPENSE, RECEIVABLES, SALES
from services.erp.ledger.domain.accounting_periods import AccountingPeriods
from services.erp.ledger.domain.journal_entry import EntryKind, credit, debit
from services.erp.ledger.domain.postings import JournalEntries, entry_unless_zero
from services.erp.receivables.domain.invoice import Invoice
from shared.domain import derived_id
from shared.money import Money


def post_invoice(books: AccountingPeriods, invoice: Invoice) -> JournalEntries:
    """Post a customer invoice: receivables against sales and freight income."""
    postings = (
        debit(RECEIVABLES, invoice.total, invoice.customer_id),
        credit(SALES, invoice.net),
        credit(FREIGHT_INCOME, invoice.freight),
    )
    yield from entry_unless_zero(books, EntryKind.INVOICE, invoice.id, invoice.invoiced_on, postings)


def post_write_off(books: AccountingPeriods, invoice: Invoice, amount: Money, on: date) -> JournalEntries:
    """Post a write-off: operating expense against receivables."""
    postings = debit(OPERATING_EXPENSE, amount), credit(RECEIVABLES, amount, invoice.customer_id)
    yield from entry_unless_zero(
        books, EntryKind.WRITE_OFF, derived_id("write-off", invoice.id, invoice.version), on, postings
    )
