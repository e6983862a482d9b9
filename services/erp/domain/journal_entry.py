"""JournalEntry: what a document means in the books."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.erp.domain.account import CHART
from shared.domain import Aggregate, InvalidInput, Refused, event, value
from shared.money import Money


class Unbalanced(InvalidInput):
    """Debit and credit of an entry differ in some currency."""

    field = "lines"


class UnknownAccount(InvalidInput):
    """No account has this code."""


class NotReversible(Refused):
    """A reversal stands for ever; there is no reversal of a reversal."""


class Kind(StrEnum):
    """What brought the entry about."""

    GOODS_RECEIVED = "goods_received"
    COST_OF_GOODS_SOLD = "cost_of_goods_sold"
    COST_ADJUSTMENT = "cost_adjustment"
    RECEIPT_REVERSED = "receipt_reversed"
    PRICE_REVISED = "price_revised"
    STOCK_COUNTED = "stock_counted"
    INVOICE = "invoice"
    PAYMENT = "payment"
    WRITE_OFF = "write_off"
    SUPPLIER_INVOICE = "supplier_invoice"
    GRNI_CLEARING = "grni_clearing"
    REVERSAL = "reversal"
    OPENING = "opening"
    MANUAL = "manual"


BY_HAND = (Kind.MANUAL, Kind.OPENING)


BY_DATE = (Kind.COST_ADJUSTMENT, Kind.RECEIPT_REVERSED, Kind.PRICE_REVISED)
"""What corrects earlier days has an entry for each of them."""


@value
class Posting:
    """One side of an entry; `party` is the customer or supplier who owes or is owed."""

    account: str
    debit: Money
    credit: Money
    party: UUID | None = None

    @property
    def mirrored(self) -> "Posting":
        return Posting(self.account, self.credit, self.debit, self.party)


def debit(account: str, amount: Money, party: UUID | None = None) -> Posting:
    """A negative amount is a credit."""
    nothing = Money.zero(amount.currency)
    return Posting(account, nothing, -amount, party) if amount < nothing else Posting(account, amount, nothing, party)


def credit(account: str, amount: Money, party: UUID | None = None) -> Posting:
    """A negative amount is a debit."""
    return debit(account, -amount, party)


class JournalEntry(Aggregate):
    """Postings that belong together and sum to zero in each currency. Posted once, never changed.

    Posted on an open day, and dated as its document: the two differ where the news came after the close.
    """

    @classmethod
    def create_id(cls, document_id: UUID, kind: Kind, dated_on: date) -> UUID:
        """One entry of a kind for a document, so that nothing is booked twice; a correction has one for each date."""
        return cls.derive_id(document_id, kind, *([dated_on] if kind in BY_DATE else []))

    @classmethod
    def post(
        cls,
        kind: Kind,
        document: UUID,
        dated: date,
        postings: Iterable[Posting],
        posted_on: date | None = None,
        text: str | None = None,
    ) -> Self:
        """Book it, on its own date unless told otherwise; postings of nothing are left out.

        Refused with Unbalanced or UnknownAccount.
        """
        kept = tuple(each for each in postings if each.debit or each.credit)
        _require_known(kept)
        _require_balance(kept)
        return cls(kind, document, posted_on or dated, kept, dated_on=dated, text=text)

    @event("Posted")
    def __init__(
        self,
        kind: Kind,
        document_id: UUID,
        posted_on: date,
        postings: tuple[Posting, ...],
        reverses_entry_id: UUID | None = None,
        dated_on: date | None = None,
        text: str | None = None,
    ) -> None:
        self.kind = kind
        self.document = document_id
        self.posted_on = posted_on
        self.postings = postings
        self.reverses = reverses_entry_id
        self.dated = dated_on or posted_on
        self.text = text

    @property
    def reversal_id(self) -> UUID:
        """The id of the one entry that may ever take this one back."""
        return self.create_id(self.id, Kind.REVERSAL, self.dated)

    @property
    def by_hand(self) -> bool:
        """A person wrote it; the others follow from documents, and are taken back with them."""
        return self.kind in BY_HAND

    def reversal(self, on: date, text: str | None = None) -> Self:
        """The entry that takes this one back; only one can ever be stored. Refused with NotReversible."""
        if self.reverses:
            raise NotReversible(f"entry {self.id} is itself a reversal")
        mirrored = tuple(each.mirrored for each in self.postings)
        return type(self)(Kind.REVERSAL, self.id, on, mirrored, self.id, on, text)


def _require_known(postings: tuple[Posting, ...]) -> None:
    for place, each in enumerate(postings):
        if each.account not in CHART:
            raise UnknownAccount(f"no account {each.account}", field=f"lines/{place}/account")


def _require_balance(postings: tuple[Posting, ...]) -> None:
    for currency in {each.debit.currency for each in postings}:
        mine = [each for each in postings if each.debit.currency == currency]
        debits = Money.sum((each.debit for each in mine), currency)
        credits_ = Money.sum((each.credit for each in mine), currency)
        if debits != credits_:
            raise Unbalanced(f"debit {debits}, credit {credits_}")
