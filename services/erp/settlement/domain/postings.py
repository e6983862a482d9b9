"""Postings of payments: accounts, sides and posting day."""

from services.erp.ledger.domain.account import BANK, PAYABLES, RECEIVABLES
from services.erp.ledger.domain.accounting_periods import AccountingPeriods
from services.erp.ledger.domain.journal_entry import EntryKind, credit, debit
from services.erp.ledger.domain.postings import JournalEntries, entry_unless_zero
from services.erp.settlement.domain.payment import Direction, Payment


def post_payment(books: AccountingPeriods, payment: Payment) -> JournalEntries:
    """Post bank against receivables for money received, payables against bank for money paid."""
    if payment.direction == Direction.IN:
        postings = debit(BANK, payment.amount), credit(RECEIVABLES, payment.amount, payment.party_id)
    else:
        postings = debit(PAYABLES, payment.amount, payment.party_id), credit(BANK, payment.amount)
    yield from entry_unless_zero(books, EntryKind.PAYMENT, payment.id, payment.paid_on, postings)
