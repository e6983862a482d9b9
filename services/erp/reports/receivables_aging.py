"""What customers owe, by how long it is overdue."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from services.erp.domain.invoice import Invoice
from services.erp.reports.open_days import ByOpenDay, posted_on
from shared.money import Money
from shared.report import Reader, Rows, on

BUCKETS = ("current", "days_1_30", "days_31_60", "days_61_90", "days_over_90")


class OpenItems(ByOpenDay):
    """Each invoice with what was paid of it and when; `settled_on` once nothing is open."""

    version = 2
    columns = {"settled_on": date}

    @on(Invoice.Posted)
    def posted(self, posted: Invoice.Posted, rows: Rows) -> None:
        on = posted_on(posted.invoiced_on, rows)
        rows[posted.originator_id] = {
            "customer_id": posted.customer_id,
            "invoiced_on": posted.invoiced_on,
            "due_on": posted.due_on,
            "settled_on": None if posted.total else on,
            "owed": [{"on": on, "by": posted.total}],
        }

    @on(Invoice.Settled)
    def settled(self, settled: Invoice.Settled, rows: Rows) -> None:
        _owe(rows, settled.originator_id, settled.paid_on, -settled.amount)

    @on(Invoice.Reopened)
    def reopened(self, reopened: Invoice.Reopened, rows: Rows) -> None:
        _owe(rows, reopened.originator_id, reopened.paid_on, reopened.amount)


def _owe(rows: Rows, invoice_id: UUID, on: date, by: Money) -> None:
    item = rows[invoice_id]
    item["owed"].append({"on": posted_on(on, rows).isoformat(), "by": by})
    still_open = Money.sum(_money(each["by"]) for each in item["owed"])
    settled_on = None if still_open else max(each["on"] for each in item["owed"])
    rows[invoice_id] = {**item, "settled_on": settled_on}


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
