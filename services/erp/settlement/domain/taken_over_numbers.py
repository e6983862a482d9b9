"""Numbers of documents that are taken over with opening balances: each document of a party is opened once."""

from services.erp.ledger.domain.journal_entry import EntryKind, JournalEntry
from services.erp.payables.domain.duplicates import release_number, reserve_number, unique_numbers
from services.erp.settlement.domain.open_item import OpenItem, OpenItemSide
from shared.domain import AlreadyTaken, UnitOfWork

CUSTOMER_INVOICE_NUMBER = "opened_customer_invoice.number"


def take_over_number(entry: JournalEntry, item: OpenItem, uow: UnitOfWork) -> None:
    """Let no other document of the party have the number of an old invoice, in any spelling. Raises AlreadyTaken."""
    number, field = _number(entry, item), f"lines/{item.line - 1}/document_number"
    if number is None:
        return
    if item.side == OpenItemSide.PAYABLE:
        reserve_number(item.party_id, number, item.id, uow, field=field)
        return
    for each in unique_numbers(item.party_id, number):
        first_id = uow.get_unique_owner(CUSTOMER_INVOICE_NUMBER, each)
        if first_id is not None:
            raise AlreadyTaken(f"invoice {number} is already opened: open item {first_id}", field=field)
        uow.reserve_unique(CUSTOMER_INVOICE_NUMBER, each, item.id)


def release_taken_over_number(entry: JournalEntry, item: OpenItem, uow: UnitOfWork) -> None:
    """Let the number of an item that was reversed be taken over again."""
    number = _number(entry, item)
    if number is None:
        return
    if item.side == OpenItemSide.PAYABLE:
        release_number(item.party_id, number, uow)
        return
    for each in unique_numbers(item.party_id, number):
        uow.release_unique(CUSTOMER_INVOICE_NUMBER, each)


def _number(entry: JournalEntry, item: OpenItem) -> str | None:
    """Return the number of the old invoice that an item of opening balances takes over; credit has none."""
    return item.document_number if entry.kind == EntryKind.OPENING and not item.is_credit else None
