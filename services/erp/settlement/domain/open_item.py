"""OpenItem: what a line of a manual entry, or of opening balances, is on a customer or supplier."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.erp.entities.domain.chart_of_accounts import AccountRole
from services.erp.ledger.domain.journal_entry import JournalEntry, Posting
from services.erp.ledger.domain.manual_entry import LineDocument
from services.erp.ledger.domain.open_amount import ExceedsOpenAmount
from services.erp.ledger.domain.owed_document import OwedDocument
from services.erp.ledger.domain.write_off import WriteOff
from services.erp.settlement.domain.payment import Allocation, part_of_document, total_allocated
from shared.domain import (
    MAIN_ENTITY,
    DomainError,
    InvalidInput,
    allowed_in,
    event,
    require_not_before,
)
from shared.money import Money


class NotOwed(DomainError):
    """Raised when credit, or a reversed item, is to be paid or written off."""

    field = "document_id"


class NotCredit(DomainError):
    """Raised when an owed amount is to be allocated to documents."""


class ItemSettled(DomainError):
    """Raised when the entry of an item is to be reversed that is settled, in part or in whole."""


class OpenItemSide(StrEnum):
    """The side of an open item: receivables from a customer, or payables to a supplier."""

    RECEIVABLE = "receivable"
    PAYABLE = "payable"


SIDES = {AccountRole.RECEIVABLES: OpenItemSide.RECEIVABLE, AccountRole.PAYABLES: OpenItemSide.PAYABLE}
"""The side of the lines on the account of a role; lines on other accounts are no open items."""


class Status(StrEnum):
    """The state of an open item: open, settled in part, settled, or reversed with its entry."""

    OPEN = "open"
    PART_PAID = "part_paid"
    PAID = "paid"
    REVERSED = "reversed"


class OpenItem(OwedDocument):
    """An amount that a person booked on a customer or supplier. open → part_paid → paid; open → reversed.

    A positive amount is owed: payments and credit settle it as they settle an invoice. A negative amount is credit,
    which settles documents of the party. It is reversed with its entry.
    """

    @classmethod
    def create_id(cls, entry_id: UUID, line: int) -> UUID:
        return cls.derive_id(entry_id, line)

    @event("Opened")
    def __init__(
        self,
        entry_id: UUID,
        line: int,
        side: OpenItemSide,
        party_id: UUID,
        amount: Money,
        dated_on: date,
        due_on: date,
        document_number: str | None = None,
        document_on: date | None = None,
        text: str | None = None,
        entity: str = MAIN_ENTITY,
        recorder: str | None = None,
    ) -> None:
        self.entry_id = entry_id
        self.line = line
        self.side = side
        self.party_id = party_id
        self.amount = amount
        self.start_open(amount)
        self.opened_on = self.settled_on = dated_on
        self.due_on = due_on
        self.document_number = document_number
        self.document_on = document_on
        self.text = text
        self.entity = entity
        self.recorder = recorder
        self.allocations: tuple[Allocation, ...] = ()
        self.is_reversed = False

    @property
    def name(self) -> str:
        return f"open item {self.document_number or f'of {self.opened_on}'}"

    @property
    def owed_in_all(self) -> Money:
        """What was booked, paid or not."""
        return self.amount

    @property
    def is_credit(self) -> bool:
        """Whether it is credit of the party, and not owed."""
        return self.amount.amount < 0

    @property
    def dated_on(self) -> date:
        """The day of its entry; of credit the day on which it last settled something."""
        return self.settled_on if self.is_credit else self.opened_on

    @property
    def status(self) -> Status:
        if self.is_reversed:
            return Status.REVERSED
        if not self.open:
            return Status.PAID
        return Status.OPEN if self.open == self.amount else Status.PART_PAID

    # -- what is owed

    @allowed_in(Status.OPEN, Status.PART_PAID)
    def write_off(self, limit: Decimal, on: date, reason: str) -> WriteOff:
        """Write off the open amount and return it. Raises NotOwed, WrongStatus, WriteOffTooLarge above the limit."""
        self.require_payable()
        return self._write_off(limit, on, reason)

    @allowed_in(Status.PART_PAID, Status.PAID)
    def reverse_write_off(self, on: date, reason: str) -> tuple[WriteOff, ...]:
        """Reopen what was written off and return it. Raises WrongStatus, or NothingWrittenOff."""
        return self._reverse_write_off(on, reason)

    def require_payable(self) -> None:
        """Require that it is owed. Raises NotOwed for credit, and once its entry is reversed."""
        if self.is_reversed:
            raise NotOwed(f"{self.name} is reversed: nothing is owed")
        if self.is_credit:
            raise NotOwed(f"{self.name} is credit: allocate it to documents that are owed")

    # -- what is credit

    @allowed_in(Status.OPEN, Status.PART_PAID)
    def allocate(self, allocations: Sequence[Allocation], on: date) -> None:
        """Settle documents from the credit. Raises NotCredit, WrongStatus, ExceedsOpenAmount or InvalidInput."""
        if not self.is_credit:
            raise NotCredit(f"{self.name} is owed: record a payment, or allocate credit to it", field="amount")
        wanted = total_allocated(allocations, self.amount.currency)
        if wanted > -self.open:
            raise ExceedsOpenAmount(f"{self.name} has {-self.open} left: {wanted} is too much", field="allocations")
        self._allocated(allocations=tuple(allocations), allocated_on=on)

    @allowed_in(Status.PART_PAID, Status.PAID)
    def deallocate(self, document_id: UUID, on: date) -> Allocation:
        """Settle a document no more: its part is credit again. Returns that part.

        Raises WrongStatus, or NotAllocated for a document it does not settle.
        """
        part = part_of_document(self.allocations, document_id, self.name)
        self._deallocated(document_id=document_id, amount=part.amount, deallocated_on=on)
        return part

    # -- both

    def require_unsettled(self) -> None:
        """Require that nothing of it is settled, so that its entry can be reversed. Raises ItemSettled."""
        if self.status in (Status.PART_PAID, Status.PAID):
            settled = "settled in part" if self.open else "settled"
            remedy = "reverse its payments and write-offs, and remove its allocations, first"
            raise ItemSettled(f"{self.name} is {settled}: {remedy}")

    @allowed_in(Status.OPEN)
    def reverse(self, on: date) -> None:
        """Close it with the reversal of its entry. Raises WrongStatus, or DatedBefore its last settlement."""
        require_not_before(on, self.settled_on, f"the last settlement of {self.name}", field="effective_on")
        self._reversed(amount=self.amount, reversed_on=on)

    @event("Allocated")
    def _allocated(self, allocations: tuple[Allocation, ...], allocated_on: date) -> None:
        self._change_open(total_allocated(allocations, self.amount.currency), allocated_on)
        self.allocations = (*self.allocations, *allocations)

    @event("Deallocated")
    def _deallocated(self, document_id: UUID, amount: Money, deallocated_on: date) -> None:
        self._change_open(-amount, deallocated_on)
        self.allocations = tuple(each for each in self.allocations if each.document_id != document_id)

    @event("Reversed")
    def _reversed(self, amount: Money, reversed_on: date) -> None:
        self._change_open(-amount, reversed_on)
        self.is_reversed = True

    def _change_open(self, by: Money, on: date) -> None:
        super()._change_open(by, on)
        self.settled_on = max(self.settled_on, on)

    @classmethod
    def open_for(cls, entry: JournalEntry, line: int, document: LineDocument, recorder: str | None = None) -> Self:
        """Open the item of a line, counted from 1; due at once unless a due date is given. Raises InvalidInput."""
        posting = entry.postings[line - 1]
        assert posting.role is not None
        assert posting.party is not None
        due_on = document.due_on or document.document_on or entry.posted_on
        for name, day in (("posted_on", entry.posted_on), ("due_on", due_on)):
            _require_not_after(document.document_on, day, name, f"lines/{line - 1}/document_on")
        return cls(
            entry.id,
            line,
            SIDES[posting.role],
            posting.party,
            _owed(posting),
            entry.posted_on,
            due_on,
            document.document_number,
            document.document_on,
            entry.text,
            entry.entity,
            recorder,
        )


def open_items(
    entry: JournalEntry, documents: Sequence[LineDocument], recorder: str | None = None
) -> Iterator[OpenItem]:
    """Open an item for each line of an entry on receivables or payables. Raises InvalidInput for other documents."""
    for line, document in enumerate(documents, 1):
        if entry.postings[line - 1].role in SIDES:
            yield OpenItem.open_for(entry, line, document, recorder)
        else:
            _require_no_document(document, f"lines/{line - 1}")


def item_ids(entry: JournalEntry) -> Iterator[UUID]:
    """Yield the ids of the items of an entry."""
    for line, posting in enumerate(entry.postings, 1):
        if posting.role in SIDES:
            yield OpenItem.create_id(entry.id, line)


def _owed(posting: Posting) -> Money:
    """Return the amount on the normal side of its account: positive if it is owed."""
    on_debit = posting.debit - posting.credit
    return on_debit if posting.role == AccountRole.RECEIVABLES else -on_debit


def _require_not_after(day: date | None, last: date, what: str, field: str) -> None:
    if day is not None and day > last:
        raise InvalidInput(f"must not be after {what} ({last})", field=field)


def _require_no_document(document: LineDocument, field: str) -> None:
    for name in ("document_number", "document_on", "due_on"):
        if getattr(document, name) is not None:
            detail = "only lines on receivables and payables have a document: leave it out"
            raise InvalidInput(detail, field=f"{field}/{name}")
