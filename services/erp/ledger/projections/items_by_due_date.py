"""Open items: the open amount of each document on any day, and its days overdue."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.erp.ledger.projections.dated_changes import add_change, add_item, changes_of_open_items
from services.erp.ledger.projections.other_currencies import name_other_currencies
from services.erp.ledger.projections.posting_days import ProjectionByPostingDay
from shared.domain import MAIN_ENTITY
from shared.fields import Currency, FixedText
from shared.money import Money
from shared.projections import RowReader, Rows

CREDIT = "credit"
Buckets = dict[str, Money]
"""Amounts by days overdue, and their total."""
BUCKETS = ("current", "days_1_30", "days_31_60", "days_61_90", "days_over_90", CREDIT)

AGING_ROW: Mapping[str, Any] = dict.fromkeys((*BUCKETS, "total"), Money)
"""The amounts in the rows of an aging, which follow the id of the party; likewise in its totals."""


class ItemsByDueDate(ProjectionByPostingDay):
    """Base class of projections of open items: one row for each item, and one for each change of its amount."""

    has_history = True
    columns = {
        "entity": FixedText, "item": str, "party_id": UUID, "due_on": date, "posted_on": date, "amount": Money,
        "currency": Currency, "settled_on": date,
    }  # fmt: skip
    indexes = (("settled_on",),)


def add_open_item(rows: Rows, document_id: UUID | str, party_id: UUID, due_on: date, **known: Any) -> None:
    """Add the row of a document's open item, with nothing owed yet. `settled_on` is none while an amount is open."""
    add_item(rows, document_id, due_on, party_id=party_id, due_on=due_on, open=None, **known)


def add_amount(rows: Rows, document_id: UUID | str, on: date, by: Money) -> None:
    """Add an owed amount (negative: less) from its posting day on."""
    item = rows[document_id]
    change = {
        "item": document_id, "party_id": item["party_id"], "due_on": item["due_on"], "amount": by,
        "currency": by.currency,
    }  # fmt: skip
    add_change(rows, document_id, on, change, open=open_amount(item) + by if item["open"] else by)


def open_amount(item: dict[str, Any]) -> Money:
    """Return the amount owed after all changes."""
    return parse_money(item["open"])


def parse_money(stored: Any) -> Money:
    """Return money from the form in which a row stores it."""
    return stored if isinstance(stored, Money) else Money(**stored)


def aging(items: RowReader, party: str, as_of: date, currency: str, entity: str = MAIN_ENTITY) -> dict[str, Any]:
    """Return open amounts as of a day, one row per party, in buckets by days overdue, and credit; one currency."""
    parties: defaultdict[str, dict[str, Buckets]] = defaultdict(dict)
    for party_id, bucket, amount in _open_as_of(items, as_of, entity):
        nothing = dict.fromkeys((*BUCKETS, "total"), Money.zero(amount.currency))
        row = parties[amount.currency].setdefault(party_id, nothing)
        row[bucket] += amount
        row["total"] += amount
    return {
        "as_of": as_of,
        "rows": [{party: party_id, **row} for party_id, row in sorted(parties[currency].items())],
        "totals": _bucket_totals(parties[currency], currency),
        **name_other_currencies(parties, currency, lambda each: _bucket_totals(parties[each], each)),
    }


def _bucket_totals(parties: Mapping[str, Buckets], currency: str) -> Buckets:
    return {each: Money.sum((row[each] for row in parties.values()), currency) for each in (*BUCKETS, "total")}


def _open_as_of(items: RowReader, as_of: date, entity: str) -> Iterator[tuple[str, str, Money]]:
    changes = changes_of_open_items(as_of, entity)
    for item in items.summarize(("item", "party_id", "due_on", "currency"), ("amount",), changes):
        amount = Money.sum(item["sums"]["amount"], item["currency"])
        if amount:
            yield item["party_id"], _bucket(amount, (as_of - date.fromisoformat(item["due_on"])).days), amount


def _bucket(amount: Money, days_overdue: int) -> str:
    if amount.amount < 0:
        return CREDIT
    late = (0, 30, 60, 90)
    return BUCKETS[sum(days_overdue > each for each in late)]
