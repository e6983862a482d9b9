"""Postings of payments: accounts, sides and posting day."""

from services.erp.entities.domain.chart_of_accounts import AccountRole
from services.erp.ledger.domain.books import Books, JournalEntries
from services.erp.ledger.domain.journal_entry import EntryKind
from services.erp.settlement.domain.payment import Direction, Payment


def post_payment(books: Books, payment: Payment) -> JournalEntries:
    """Post bank against receivables for money received, payables against bank for money paid."""
    amount, party = payment.amount, payment.party_id
    if payment.direction == Direction.IN:
        postings = books.debit(AccountRole.BANK, amount), books.credit(AccountRole.RECEIVABLES, amount, party)
    else:
        postings = books.debit(AccountRole.PAYABLES, amount, party), books.credit(AccountRole.BANK, amount)
    yield from books.post(EntryKind.PAYMENT, payment.id, payment.paid_on, postings)
