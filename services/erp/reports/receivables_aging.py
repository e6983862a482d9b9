"""What customers owe, by how long it is overdue."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from services.erp.domain.account import RECEIVABLES
from services.erp.domain.invoice import Invoice
from services.erp.domain.journal_entry import BY_HAND, JournalEntry
from services.erp.reports.open_days import ByOpenDay, posted_on
from shared.money import Money
from shared.report import Reader, Rows, on

BUCKETS = ("current", "days_1_30", "days_31_60", "days_61_90", "days_over_90")


class OpenItems(ByOpenDay):
    """Each invoice with what was paid of it and when; `settled_on` once nothing is open.

    What a person books on a customer by hand is an item too, due at once, until it is taken back.
    """

    version = 2
    history = True
    columns = {"settled_on": date}

    @on(Invoice.Posted)
    def posted(self, posted: Invoice.Posted, rows: Rows) -> None:
        on = posted_on(posted.invoiced_on, rows)
        rows[posted.originator_id] = _item(posted.customer_id, posted.due_on, on, posted.total)

    @on(Invoice.Settled)
    def settled(self, settled: Invoice.Settled, rows: Rows) -> None:
        _owe(rows, settled.originator_id, settled.paid_on, -settled.amount)

    @on(Invoice.Reopened)
    def reopened(self, reopened: Invoice.Reopened, rows: Rows) -> None:
        _owe(rows, reopened.originator_id, reopened.paid_on, reopened.amount)

    @on(JournalEntry.Posted)
    def written(self, posted: JournalEntry.Posted, rows: Rows) -> None:
        for each in posted.postings:
            if each.account == RECEIVABLES and each.party:
                self._book(rows, posted, each.party, each.debit - each.credit)

    @staticmethod
    def _book(rows: Rows, posted: JournalEntry.Posted, party: UUID, by: Money) -> None:
        by_hand = posted.kind in BY_HAND
        key = f"{posted.originator_id if by_hand else posted.reverses}/{party}"
        if key in rows:
            _owe(rows, key, posted.posted_on, by)
        elif by_hand:
            rows[key] = _item(party, posted.posted_on, posted.posted_on, by)


def _item(customer_id: UUID, due_on: date, on: date, owed: Money) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "due_on": due_on,
        "settled_on": None if owed else on,
        "owed": [{"on": on, "by": owed}],
    }


def _owe(rows: Rows, key: UUID | str, on: date, by: Money) -> None:
    item = rows[key]
    item["owed"].append({"on": posted_on(on, rows).isoformat(), "by": by})
    still_open = Money.sum(_money(each["by"]) for each in item["owed"])
    settled_on = None if still_open else max(each["on"] for each in item["owed"])
    rows[key] = {**item, "settled_on": settled_on}


def _money(stored: Any) -> Money:
    return stored if isinstance(stored, Money) else Money(**stored)


def receivables_aging(items: Reader, as_of: date, currency: str) -> dict[str, Any]:
    """What is open as of a day, a row for each customer, in buckets by days overdue; one currency."""
    customers: dict[str, dict[str, Money]] = {}
    for customer_id, bucket, amount in _open_as_of(items, as_of, currency):
        row = customers.setdefault(customer_id, dict.fromkeys((*BUCKETS, "total"), Money.zero(currency)))
        row[bucket] += amount
        row["total"] += amount
    rows = [{"customer_id": customer_id, **row} for customer_id, row in sorted(customers.items())]
    totals = {each: Money.sum((row[each] for row in customers.values()), currency) for each in (*BUCKETS, "total")}
    return {"as_of": as_of, "rows": rows, "totals": totals}


def _open_as_of(items: Reader, as_of: date, currency: str) -> Iterator[tuple[str, str, Money]]:
    day = as_of.isoformat()
    for where in ({"settled_on": None}, {"settled_on": [("gt", as_of)]}):
        for item in items.all(where):
            owed = [Money(**each["by"]) for each in item.get("owed", ()) if each["on"] <= day]
            if owed and owed[0].currency == currency and (amount := Money.sum(owed)):
                yield item["customer_id"], _bucket((as_of - date.fromisoformat(item["due_on"])).days), amount


def _bucket(days_overdue: int) -> str:
    late = (0, 30, 60, 90)
    return BUCKETS[sum(days_overdue > each for each in late)]
