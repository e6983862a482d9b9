"""Turnovers: debits and credits of each account, the source of every balance."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.erp.entities.domain.entity_code import entity_key
from services.erp.ledger.domain.journal_entry import JournalEntry, Posting
from services.erp.ledger.projections.large_sums import join_sum, split_sum, sum_columns
from shared.domain import MAIN_ENTITY, value_object
from shared.fields import Currency, FixedText
from shared.money import Money
from shared.projections import Projection, RowReader, Rows, on
from shared.projections.calendar import keys_until, month_and_day_keys

ZERO = Decimal(0)


@value_object
class Turnover:
    """Debits, credits and number of postings in one currency."""

    debit: Decimal = ZERO
    credit: Decimal = ZERO
    postings: int = 0

    def __sub__(self, other: "Turnover") -> "Turnover":
        return Turnover(self.debit - other.debit, self.credit - other.credit, self.postings - other.postings)

    @property
    def balance(self) -> Decimal:
        """Debit less credit."""
        return self.debit - self.credit


class Turnovers(Projection):
    """Debits and credits of each account, and of each party on it, per month and per day."""

    version = 3
    has_history = True
    columns = {
        "span": FixedText, "entity": FixedText, "account": FixedText, "party": UUID, "currency": Currency,
        **sum_columns("debit", "credit"), "postings": int,
    }  # fmt: skip
    indexes = (("party", "span"), ("span",))

    @on(JournalEntry.Posted)
    def posted(self, posted: JournalEntry.Posted, rows: Rows) -> None:
        spans = month_and_day_keys(posted.posted_on)
        for each in posted.postings:
            for party in (None, each.party) if each.party else (None,):
                for span in spans:
                    _add_posting(rows, posted.entity, each, party, span)


def _add_posting(rows: Rows, entity: str, posting: Posting, party: UUID | None, span: str) -> None:
    currency = posting.debit.currency
    key = entity_key(f"{posting.account}/{party or ''}/{currency}/{span}", entity)
    row = rows.get(key)
    before = _turnover(row) if row else Turnover()
    rows[key] = {
        "entity": entity, "account": posting.account, "party": party, "currency": currency, "span": span,
        **split_sum("debit", before.debit + posting.debit.amount),
        **split_sum("credit", before.credit + posting.credit.amount),
        "postings": before.postings + 1,
    }  # fmt: skip


Sums = dict[tuple[str, str | None], Turnover]
"""Turnovers by account and party."""


def turnovers_until(
    reader: RowReader, end: date | None, parties: bool = False, *, entity: str = MAIN_ENTITY, **where: Any
) -> defaultdict[str, Sums]:
    """Return turnovers to the end of a day (none = all), of each account or of each party on it, by currency."""
    party_filter = {"party": [("gt", None)]} if parties else {"party": None}
    filters = {**party_filter, **where, "entity": entity, "span": keys_until(end)}
    groups = reader.summarize(("currency", "account", "party"), (*sum_columns("debit", "credit"), "postings"), filters)
    sums: defaultdict[str, Sums] = defaultdict(dict)
    for each in groups:
        sums[each["currency"]][each["account"], each["party"]] = _turnover(each["sums"])
    return sums


def _turnover(sums: dict[str, Any]) -> Turnover:
    return Turnover(join_sum("debit", sums), join_sum("credit", sums), sums["postings"])


def account_balance(sums: Sums, account: str, currency: str) -> Money:
    """Return the balance of an account: debit less credit."""
    return Money(sums.get((account, None), Turnover()).balance, currency)
