"""What was debited and credited to each account: every balance is a sum of it."""

from datetime import date
from typing import Any
from uuid import UUID

from services.erp.domain.journal_entry import JournalEntry, Posting
from shared.domain import value
from shared.money import Money
from shared.report import Reader, Report, Rows, on
from shared.report.calendar import spans_of, until


@value
class Turnover:
    """Debits, credits and how many postings there were."""

    debit: Money
    credit: Money
    postings: int = 0

    @classmethod
    def nothing(cls, currency: str) -> "Turnover":
        return cls(Money.zero(currency), Money.zero(currency))

    def __add__(self, other: "Turnover") -> "Turnover":
        return Turnover(self.debit + other.debit, self.credit + other.credit, self.postings + other.postings)

    def __sub__(self, other: "Turnover") -> "Turnover":
        return Turnover(self.debit - other.debit, self.credit - other.credit, self.postings - other.postings)

    @property
    def balance(self) -> Money:
        """Debit less credit."""
        return self.debit - self.credit


class Turnovers(Report):
    """What was debited and credited to each account, and on it to each party, in each month and on each day."""

    history = True
    columns = {"span": str, "account": str, "party": UUID}

    @on(JournalEntry.Posted)
    def posted(self, posted: JournalEntry.Posted, rows: Rows) -> None:
        for each in posted.postings:
            for span in spans_of(posted.posted_on):
                _add(rows, each, span, None)
                if each.party:
                    _add(rows, each, span, each.party)


def _add(rows: Rows, posting: Posting, span: str, party: UUID | None) -> None:
    key = f"{posting.account}/{party or ''}/{posting.debit.currency}/{span}"
    turnover = Turnover(posting.debit, posting.credit, 1)
    before = rows.get(key)
    if before:
        turnover += _read(before)
    rows[key] = {"account": posting.account, "party": party, "span": span, **vars(turnover)}


def _read(row: dict[str, Any]) -> Turnover:
    return Turnover(Money(**row["debit"]), Money(**row["credit"]), row["postings"])


Sums = dict[tuple[str, str | None], Turnover]
"""By account and party."""


def turnovers(reader: Reader, currency: str, end: date | None, parties: bool = False, **where: Any) -> Sums:
    """What was posted until the end of a day (none = ever), of each account or of each party on it, in one currency."""
    of_whom = {"party": [("gt", None)]} if parties else {"party": None}
    sums: Sums = {}
    for span in until(end):
        for row in reader.all({**of_whom, **where, "span": span}):
            if row["debit"]["currency"] == currency:
                whose = row["account"], row["party"]
                sums[whose] = sums.get(whose, Turnover.nothing(currency)) + _read(row)
    return sums
