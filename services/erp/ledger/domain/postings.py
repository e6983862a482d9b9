"""Journal entries of documents: what the posting rules of all modules use."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from services.erp.ledger.domain.accounting_periods import AccountingPeriods
from services.erp.ledger.domain.journal_entry import EntryKind, JournalEntry, Posting
from shared.money import Money

JournalEntries = Iterator[JournalEntry]


def entry_unless_zero(
    books: AccountingPeriods, kind: EntryKind, document: UUID, dated: date, postings: Iterable[Posting]
) -> JournalEntries:
    """Yield the entry, unless all its postings are zero."""
    nonzero = [each for each in postings if each.debit or each.credit]
    if nonzero:
        yield JournalEntry.post(kind, document, dated, nonzero, books.posting_day(dated))


def one_entry_per_date(
    books: AccountingPeriods, kind: EntryKind, cause: UUID, sides: Iterable[tuple[date, Posting]]
) -> JournalEntries:
    """Yield one journal entry per date, from dated postings of one cause, in order of dates."""
    days = defaultdict(list)
    for on, side in sides:
        days[on].append(side)
    for on, postings in sorted(days.items()):
        yield from entry_unless_zero(books, kind, cause, on, postings)


def sum_by_currency(amounts: Iterable[Money | None]) -> list[Money]:
    """Return one sum per currency."""
    sums: dict[str, Money] = {}
    for each in amounts:
        if each is not None:
            sums[each.currency] = each + sums.get(each.currency, Money.zero(each.currency))
    return list(sums.values())
