"""What was debited and credited to each account: every balance is a sum of it."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.erp.domain.journal_entry import JournalEntry, Posting
from shared.domain import value
from shared.money import Money
from shared.report import Reader, Report, Rows, on
from shared.report.calendar import spans_of, until

NOTHING = Decimal(0)


@value
class Turnover:
    """Debits, credits and how many postings there were, in one currency."""

    debit: Decimal = NOTHING
    credit: Decimal = NOTHING
    postings: int = 0

    def __add__(self, other: "Turnover") -> "Turnover":
        return Turnover(self.debit + other.debit, self.credit + other.credit, self.postings + other.postings)

    def __sub__(self, other: "Turnover") -> "Turnover":
        return Turnover(self.debit - other.debit, self.credit - other.credit, self.postings - other.postings)

    @property
    def balance(self) -> Decimal:
        """Debit less credit."""
        return self.debit - self.credit


class Turnovers(Report):
    """What was debited and credited to each account, and on it to each party, in each month and on each day."""

    history = True
    columns = {"span": str, "account": str, "party": UUID}

    @on(JournalEntry.Posted)
    def posted(self, posted: JournalEntry.Posted, rows: Rows) -> None:
        spans = spans_of(posted.posted_on)
        for each in posted.postings:
            for party in (None, each.party) if each.party else (None,):
                for span in spans:
                    _add(rows, each, party, span)


def _add(rows: Rows, posting: Posting, party: UUID | None, span: str) -> None:
    currency = posting.debit.currency
    key = f"{posting.account}/{party or ''}/{currency}/{span}"
    row = rows.get(key) or {
        "account": posting.account, "party": party, "currency": currency, "span": span,
        "debit": NOTHING, "credit": NOTHING, "postings": 0,
    }  # fmt: skip
    row["debit"] = Decimal(row["debit"]) + posting.debit.amount
    row["credit"] = Decimal(row["credit"]) + posting.credit.amount
    row["postings"] += 1
    rows[key] = row


Sums = dict[tuple[str, str | None], Turnover]
"""By account and party."""


def turnovers(reader: Reader, currency: str, end: date | None, parties: bool = False, **where: Any) -> Sums:
    """What was posted until the end of a day (none = ever), of each account or of each party on it, in one currency."""
    of_whom = {"party": [("gt", None)]} if parties else {"party": None}
    sums: Sums = {}
    for span in until(end):
        for row in reader.all({**of_whom, **where, "span": span}):
            if row["currency"] == currency:
                whose = row["account"], row["party"]
                turnover = Turnover(Decimal(row["debit"]), Decimal(row["credit"]), row["postings"])
                sums[whose] = sums.get(whose, Turnover()) + turnover
    return sums


def balance_of(sums: Sums, account: str, currency: str) -> Money:
    """Debit less credit."""
    return Money(sums.get((account, None), Turnover()).balance, currency)
