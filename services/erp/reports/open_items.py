"""Documents that are to be paid: what is open of them on any day, and for how long it is overdue."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from services.erp.domain.journal_entry import BY_HAND, JournalEntry
from services.erp.reports.open_days import posted_on
from shared.money import Money
from shared.report import Reader, Rows

CREDIT = "credit"
BUCKETS = ("current", "days_1_30", "days_31_60", "days_61_90", "days_over_90", CREDIT)


def begin(rows: Rows, document_id: UUID | str, party_id: UUID, due_on: date, **known: Any) -> None:
    """A document of which nothing is owed yet. `settled_on` is None while something is open."""
    rows[document_id] = {"party_id": party_id, "due_on": due_on, "settled_on": due_on, "owed": [], **known}


def owe(rows: Rows, document_id: UUID | str, on: date, by: Money) -> None:
    """From the day on which this is posted so much more is owed (less: negative)."""
    item = rows[document_id]
    item["owed"].append({"on": posted_on(on, rows).isoformat(), "by": by})
    settled_on = None if still_open(item) else max(each["on"] for each in item["owed"])
    rows[document_id] = {**item, "settled_on": settled_on}


def by_hand(posted: JournalEntry.Posted, account: str) -> Iterator[tuple[UUID, Money]]:
    """What an entry that a person wrote, or one that takes one back, debits to parties on an account."""
    for each in posted.postings:
        if each.account == account and each.party and (posted.kind in BY_HAND or posted.reverses_entry_id):
            yield each.party, each.debit - each.credit


def owe_by_hand(rows: Rows, posted: JournalEntry.Posted, party_id: UUID, by: Money) -> None:
    """An item of its own, due at once; a reversal ends it (one of a document's entry has no such item)."""
    key = f"{posted.reverses_entry_id or posted.originator_id}/{party_id}"
    if posted.reverses_entry_id is None and key not in rows:
        begin(rows, key, party_id, posted.posted_on)
    if key in rows:
        owe(rows, key, posted.posted_on, by)


def still_open(item: dict[str, Any]) -> Money:
    """What of the document is owed after all that was told."""
    return Money.sum(money_in(each["by"]) for each in item["owed"])


def money_in(stored: Any) -> Money:
    return stored if isinstance(stored, Money) else Money(**stored)


def aging(items: Reader, party: str, as_of: date, currency: str) -> dict[str, Any]:
    """What is open as of a day, a row for each party, in buckets by days overdue, and credit; one currency."""
    parties: dict[str, dict[str, Money]] = {}
    for party_id, bucket, amount in _open_as_of(items, as_of, currency):
        row = parties.setdefault(party_id, dict.fromkeys((*BUCKETS, "total"), Money.zero(currency)))
        row[bucket] += amount
        row["total"] += amount
    rows = [{party: party_id, **row} for party_id, row in sorted(parties.items())]
    totals = {each: Money.sum((row[each] for row in parties.values()), currency) for each in (*BUCKETS, "total")}
    return {"as_of": as_of, "rows": rows, "totals": totals}


def _open_as_of(items: Reader, as_of: date, currency: str) -> Iterator[tuple[str, str, Money]]:
    day = as_of.isoformat()
    for where in ({"settled_on": None}, {"settled_on": [("gt", as_of)]}):
        for item in items.all(where):
            owed = [Money(**each["by"]) for each in item.get("owed", ()) if each["on"] <= day]
            if owed and owed[0].currency == currency and (amount := Money.sum(owed)):
                yield item["party_id"], _bucket(amount, (as_of - date.fromisoformat(item["due_on"])).days), amount


def _bucket(amount: Money, days_overdue: int) -> str:
    if amount.amount < 0:
        return CREDIT
    late = (0, 30, 60, 90)
    return BUCKETS[sum(days_overdue > each for each in late)]
