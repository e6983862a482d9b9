"""Write-offs: small open amounts of documents that are no longer collected or paid."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from services.erp.ledger.domain.books import Books, JournalEntries
from services.erp.ledger.domain.journal_entry import EntryKind, JournalEntry, Posting
from shared.domain import DomainError, UnitOfWork, derived_id, value_object
from shared.money import Money


class WriteOffTooLarge(DomainError):
    """Raised when the amount to be written off exceeds the firm's limit."""

    field = "open"


class NothingWrittenOff(DomainError):
    """Raised when a write-off is to be reversed of a document without one."""

    field = "written_off"


@value_object
class WriteOff:
    """A written-off amount of a document; `number` counts the write-offs of the document from 1."""

    number: int
    amount: Money
    written_off_on: date


def require_within_write_off_limit(document: str, still_open: Money, limit: Decimal) -> None:
    """Require that the open amount is at most the limit, in its own currency. Raises WriteOffTooLarge."""
    most = Money.rounded(limit, still_open.currency)
    if still_open > most:
        raise WriteOffTooLarge(f"{document} has {still_open} open: at most {most} can be written off")


def require_written_off(document: str, write_offs: tuple[WriteOff, ...]) -> None:
    """Require that something of the document is written off. Raises NothingWrittenOff."""
    if not write_offs:
        raise NothingWrittenOff(f"nothing of {document} is written off")


def total_written_off(write_offs: tuple[WriteOff, ...], currency: str) -> Money:
    """Return the sum of these write-offs."""
    return Money.sum((each.amount for each in write_offs), currency)


def post_write_off(
    books: Books, document_id: UUID, number: str | None, write_off: WriteOff, postings: tuple[Posting, Posting]
) -> JournalEntries:
    """Post a write-off of a document with this number on its day."""
    entry = _entry_document(document_id, write_off)
    yield from books.post(EntryKind.WRITE_OFF, entry, write_off.written_off_on, postings, number)


def reverse_write_off_entries(
    document_id: UUID, write_offs: tuple[WriteOff, ...], on: date, uow: UnitOfWork
) -> JournalEntries:
    """Reverse the entries of these write-offs."""
    for each in write_offs:
        entry_id = JournalEntry.create_id(_entry_document(document_id, each), EntryKind.WRITE_OFF, each.written_off_on)
        yield uow.get(JournalEntry, entry_id).reversal(on)


def _entry_document(document_id: UUID, write_off: WriteOff) -> UUID:
    return derived_id("write-off", document_id, write_off.number)
