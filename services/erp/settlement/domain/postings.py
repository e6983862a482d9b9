"""Postings of payments and of written-off open items: accounts, sides and posting day."""

from services.erp.entities.domain.chart_of_accounts import AccountRole
from services.erp.ledger.domain.books import Books, JournalEntries
from services.erp.ledger.domain.journal_entry import EntryKind
from services.erp.ledger.domain.write_off import WriteOff, post_write_off
from services.erp.settlement.domain.open_item import OpenItem, OpenItemSide
from services.erp.settlement.domain.payment import Direction, Payment


def post_payment(books: Books, payment: Payment) -> JournalEntries:
    """Post bank against receivables for money received, payables against bank for money paid."""
    amount, party = payment.amount, payment.party_id
    if payment.direction == Direction.IN:
        postings = books.debit(AccountRole.BANK, amount), books.credit(AccountRole.RECEIVABLES, amount, party)
    else:
        postings = books.debit(AccountRole.PAYABLES, amount, party), books.credit(AccountRole.BANK, amount)
    yield from books.post(EntryKind.PAYMENT, payment.id, payment.paid_on, postings)


def post_item_write_off(books: Books, item: OpenItem, write_off: WriteOff) -> JournalEntries:
    """Post a write-off against receivables or payables."""
    amount, party = write_off.amount, item.party_id
    if item.side == OpenItemSide.RECEIVABLE:
        postings = books.debit(AccountRole.WRITE_OFFS, amount), books.credit(AccountRole.RECEIVABLES, amount, party)
    else:
        postings = books.debit(AccountRole.PAYABLES, amount, party), books.credit(AccountRole.WRITE_OFFS, amount)
    yield from post_write_off(books, item.id, item.document_number, write_off, postings)
