"""Commands on manual entries and opening balances: with the postings they open the items of customers and suppliers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from services.erp.ledger.commands import Ledger
from services.erp.ledger.domain.journal_entry import EntryKind, JournalEntry
from services.erp.ledger.domain.manual_entry import (
    LineDocument,
    ManualEntryLine,
    OpeningBalanceLine,
    manual_postings,
    opening_postings,
)
from services.erp.payables.domain.segregation_of_duties import require_postable_by
from services.erp.receivables.commands import Receivables
from services.erp.settlement.domain.open_item import OpenItem, OpenItemSide, item_ids, open_items
from services.erp.settlement.domain.taken_over_numbers import release_taken_over_number, take_over_number
from shared.commands import Commands
from shared.fields import EffectiveDate, LongText, limits


@dataclass(frozen=True, kw_only=True)
class PostManualEntry:
    """Request to post a journal entry by hand."""

    posted_on: EffectiveDate
    text: LongText
    lines: tuple[ManualEntryLine, ...]


@dataclass(frozen=True, kw_only=True)
class PostOpeningBalances:
    """Request to post the opening balances of accounts."""

    posted_on: EffectiveDate
    text: LongText | None = None
    lines: Annotated[tuple[OpeningBalanceLine, ...], limits(min=1)]


@dataclass(frozen=True, kw_only=True)
class ReverseEntry:
    """Request to reverse a journal entry, with the reason."""

    reason: LongText
    effective_on: EffectiveDate | None = None


class ManualEntryCommands(Commands):
    """Commands on manual entries: post and reverse them, with their open items and the credit of customers."""

    ledger: Ledger
    receivables: Receivables

    def post_manual_entry(self, entry: PostManualEntry) -> JournalEntry:
        """Post an entry and open its items.

        Raises InvalidInput, UnknownAccount, Unbalanced, PeriodClosedError, or FourEyesRequired for the recorder of a
        large supplier invoice, who may not lower what is owed to the supplier.
        """
        postings = manual_postings(entry.lines, self.ledger.get_chart())
        require_postable_by(self.actor, postings, self.uow)
        posted = self.ledger.post_by_hand(EntryKind.MANUAL, entry.posted_on, postings, entry.text)
        return self._open_items(posted, entry.lines)

    def post_opening_balances(self, opening: PostOpeningBalances) -> JournalEntry:
        """Post opening balances and open their items.

        Raises InvalidInput, UnknownAccount, RoleUnmapped, PeriodClosedError, or AlreadyTaken for an invoice
        that is recorded or opened already.
        """
        postings = opening_postings(opening.lines, self.ledger.get_chart())
        posted = self.ledger.post_by_hand(EntryKind.OPENING, opening.posted_on, postings, opening.text)
        return self._open_items(posted, opening.lines)

    def reverse_entry(self, entry_id: UUID, reason: str) -> JournalEntry:
        """Reverse a manual entry, once, and its items.

        Opening balances are reversed when a second person requests it; the first request is only recorded. Returns the
        reversal, or the entry with the request.

        It is reversed as of its own day, or the day on which the last settlement of an item was undone, if that is
        open and no other day is given. Raises NotReversible, ItemSettled, FourEyesRequired, DatedBefore or
        PeriodClosedError.
        """
        entry = self.ledger.get_reversible(entry_id)
        require_postable_by(self.actor, [each.opposite for each in entry.postings], self.uow)
        items = [self.uow.get(OpenItem, each) for each in item_ids(entry)]
        for each in items:
            each.require_unsettled()
        if entry.is_opening and not entry.request_reversal(reason, self.actor):
            return self.uow.save(entry)
        on = self.ledger.reversal_day(max([entry.posted_on, *(each.settled_on for each in items)]))
        self.uow.join_correlation(entry)
        for each in items:
            each.reverse(on)
            if each.side == OpenItemSide.RECEIVABLE:
                self.receivables.remove_open_item(each.party_id, each.id, each.amount)
            release_taken_over_number(entry, each, self.uow)
            self.uow.save(each)
        return self.ledger.reverse_by_hand(entry, on, reason)

    def _open_items(self, entry: JournalEntry, documents: Sequence[LineDocument]) -> JournalEntry:
        for each in open_items(entry, documents, self.actor):
            self.uow.save(each)
            take_over_number(entry, each, self.uow)
            if each.side == OpenItemSide.RECEIVABLE:
                self.receivables.add_open_item(each.party_id, each.id, each.amount)
        return entry
