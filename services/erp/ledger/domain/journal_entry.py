"""JournalEntry: the postings of a document."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.erp.entities.domain.chart_of_accounts import AccountRole
from shared.domain import (
    MAIN_ENTITY,
    Aggregate,
    DomainError,
    InvalidInput,
    TwoPersonRequest,
    entity_parts,
    event,
    require_not_before,
    value_object,
)
from shared.money import Money


class Unbalanced(InvalidInput):
    """Raised when debits and credits of an entry differ in a currency."""

    field = "lines"


class UnknownAccount(InvalidInput):
    """Raised when an account is not in the chart of accounts."""


class NotReversible(DomainError):
    """Raised when a reversal, a reversed entry or the entry of a document is to be reversed."""


class EntryKind(StrEnum):
    """Kind of a journal entry: the business transaction it records."""

    GOODS_RECEIVED = "goods_received"
    COST_OF_GOODS_SOLD = "cost_of_goods_sold"
    COST_ADJUSTMENT = "cost_adjustment"
    RECEIPT_REVERSED = "receipt_reversed"
    PRICE_REVISED = "price_revised"
    RECEIPT_REVALUED = "receipt_revalued"
    STOCK_COUNTED = "stock_counted"
    OPENING_STOCK = "opening_stock"
    OPENING_STOCK_REVERSED = "opening_stock_reversed"
    INVOICE = "invoice"
    PAYMENT = "payment"
    WRITE_OFF = "write_off"
    SUPPLIER_INVOICE = "supplier_invoice"
    GRNI_CLEARING = "grni_clearing"
    REVERSAL = "reversal"
    OPENING = "opening"
    MANUAL = "manual"


MANUAL_KINDS = (EntryKind.MANUAL, EntryKind.OPENING)


KINDS_PER_DATE = (
    EntryKind.COST_ADJUSTMENT,
    EntryKind.RECEIPT_REVERSED,
    EntryKind.PRICE_REVISED,
    EntryKind.RECEIPT_REVALUED,
    EntryKind.OPENING_STOCK_REVERSED,
)
"""Corrections of earlier days: one entry per day."""


@value_object
class Posting:
    """One line of an entry; `party` is the customer or supplier, `role` the role of the account when it was posted."""

    account: str
    debit: Money
    credit: Money
    party: UUID | None = None
    role: AccountRole | None = None

    @property
    def opposite(self) -> "Posting":
        return Posting(self.account, self.credit, self.debit, self.party, self.role)


def debit(account: str, amount: Money, party: UUID | None = None, role: AccountRole | None = None) -> Posting:
    """Return a debit; a negative amount becomes a credit."""
    nothing = Money.zero(amount.currency)
    sides = (nothing, -amount) if amount < nothing else (amount, nothing)
    return Posting(account, *sides, party, role)


def credit(account: str, amount: Money, party: UUID | None = None, role: AccountRole | None = None) -> Posting:
    """Return a credit; a negative amount becomes a debit."""
    return debit(account, -amount, party, role)


class JournalEntry(Aggregate):
    """A journal entry of an entity: postings whose debits equal their credits in each currency.

    Its postings never change. Posted on an open day and dated as its document: the days differ if the document's
    period was closed.
    """

    @classmethod
    def create_id(cls, document_id: UUID, kind: EntryKind, dated_on: date, entity: str = MAIN_ENTITY) -> UUID:
        """Derive one id per document and kind, so that nothing is posted twice; corrections have one per date."""
        dates = [dated_on] if kind in KINDS_PER_DATE else []
        return cls.derive_id(document_id, kind, *dates, *entity_parts(entity))

    @classmethod
    def post(
        cls,
        kind: EntryKind,
        document: UUID,
        dated: date,
        postings: Iterable[Posting],
        posted_on: date | None = None,
        text: str | None = None,
        entity: str = MAIN_ENTITY,
        document_number: str | None = None,
    ) -> Self:
        """Post an entry, on its own date unless `posted_on` is given; zero postings are left out.

        Raises Unbalanced.
        """
        kept = tuple(each for each in postings if each.debit or each.credit)
        _require_balance(kept)
        day = posted_on or dated
        return cls(kind, document, day, kept, None, dated, text, entity, document_number)

    @event("Posted")
    def __init__(
        self,
        kind: EntryKind,
        document_id: UUID,
        posted_on: date,
        postings: tuple[Posting, ...],
        reverses_entry_id: UUID | None = None,
        dated_on: date | None = None,
        text: str | None = None,
        entity: str = MAIN_ENTITY,
        document_number: str | None = None,
    ) -> None:
        self.kind = kind
        self.document = document_id
        self.document_number = document_number
        self.posted_on = posted_on
        self.postings = postings
        self.reverses = reverses_entry_id
        self.dated = dated_on or posted_on
        self.text = text
        self.entity = entity
        self.reversal_request: TwoPersonRequest | None = None

    @property
    def reversal_id(self) -> UUID:
        """Id of the only entry that can reverse this one."""
        return self.create_id(self.id, EntryKind.REVERSAL, self.dated, self.entity)

    @property
    def is_manual(self) -> bool:
        """Whether a person posted it; other entries are reversed with their documents."""
        return self.kind in MANUAL_KINDS

    @property
    def known_as(self) -> str:
        """The entry by what people know of it: its document, or its text, and its day."""
        words = self.document_number or (f"'{self.text}'" if self.text else self.kind.replace("_", " "))
        return f"the entry {words} of {self.posted_on}"

    @property
    def is_opening(self) -> bool:
        """Whether it has opening balances, on which all later figures stand: two persons reverse it."""
        return self.kind == EntryKind.OPENING

    def request_reversal(self, reason: str, by: str) -> bool:
        """Record a person's request to reverse it; return whether it confirms that of another person.

        Raises FourEyesRequired if the same person requests it twice.
        """
        if self.reversal_request is None:
            self._reversal_requested(request=TwoPersonRequest(reason, by))
            return False
        self.reversal_request.require_other_person(by, "the reversal of opening balances")
        return True

    @event("ReversalRequested")
    def _reversal_requested(self, request: TwoPersonRequest) -> None:
        self.reversal_request = request

    def reversal(self, on: date, text: str | None = None) -> Self:
        """Return the entry that reverses this one; only one can be stored. Raises NotReversible or DatedBefore."""
        require_not_before(on, self.posted_on, "the entry", field="effective_on")
        if self.reverses:
            raise NotReversible(f"{self.known_as} is a reversal and cannot be reversed")
        mirrored = tuple(each.opposite for each in self.postings)
        number = self.document_number
        return type(self)(EntryKind.REVERSAL, self.id, on, mirrored, self.id, on, text, self.entity, number)


def _require_balance(postings: tuple[Posting, ...]) -> None:
    for currency in {each.debit.currency for each in postings}:
        lines = [each for each in postings if each.debit.currency == currency]
        debits = Money.sum((each.debit for each in lines), currency)
        credits_ = Money.sum((each.credit for each in lines), currency)
        if debits != credits_:
            raise Unbalanced(f"debits {debits} and credits {credits_} must be equal")
