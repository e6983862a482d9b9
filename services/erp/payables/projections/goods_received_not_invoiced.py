"""Goods received not invoiced, line by line: the composition of account 2100."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import chain
from operator import itemgetter
from typing import Any
from uuid import UUID

from services.erp.ledger.projections.posting_days import ProjectionByPostingDay, posting_day_for
from services.erp.payables.domain.invoice_matching import InvoiceMatching
from shared.money import Money, plain_number
from shared.projections import RowReader, Rows, on

QUANTITIES, VALUES = ("received", "billed"), ("received_value", "billed_value")


class UninvoicedReceipts(ProjectionByPostingDay):
    """Received and invoiced quantities and values of each order line, by day; `settled_on` once both agree."""

    has_history = True
    columns = {"settled_on": date}

    @on(InvoiceMatching.Opened)
    def opened(self, opened: InvoiceMatching.Opened, rows: Rows) -> None:
        order = {
            "purchase_order_id": opened.purchase_order_id,
            "purchase_order": opened.number,
            "supplier_id": opened.supplier_id,
            "currency": opened.currency,
        }
        rows[opened.originator_id] = order | {"settled_on": opened.meta.effective_on}
        _add_missing_rows(rows, opened, order)

    @on(InvoiceMatching.PricesRevised)
    def prices_revised(self, agreed: InvoiceMatching.PricesRevised, rows: Rows) -> None:
        order = rows[agreed.originator_id]
        _add_missing_rows(rows, agreed, order)

    @on(InvoiceMatching.ReceiptIncluded)
    def receipt_included(self, counted: InvoiceMatching.ReceiptIncluded, rows: Rows) -> None:
        for each in counted.changes:
            move = {"received": plain_number(each.quantity), "received_value": str(each.stock_value.amount)}
            _add_movement(rows, counted.originator_id, each.line, counted.posted_on, move)

    @on(InvoiceMatching.InvoiceIncluded)
    def invoice_included(self, counted: InvoiceMatching.InvoiceIncluded, rows: Rows) -> None:
        for each in counted.lines:
            move = {"billed": plain_number(each.quantity), "billed_value": str(each.cleared.amount)}
            _add_movement(rows, counted.originator_id, each.line, counted.posted_on, move)

    @on(InvoiceMatching.ClearingAdjusted)
    def clearing_adjusted(self, recleared: InvoiceMatching.ClearingAdjusted, rows: Rows) -> None:
        for each in recleared.changes:
            _add_movement(
                rows,
                recleared.originator_id,
                each.line,
                recleared.posted_on,
                {"billed_value": str(each.amount_change.amount)},
            )


def _add_missing_rows(
    rows: Rows, agreed: InvoiceMatching.Opened | InvoiceMatching.PricesRevised, order: dict[str, Any]
) -> None:
    """Add a row for each line that has none yet."""
    for each in agreed.lines:
        key = f"{agreed.originator_id}/{each.line}"
        if key not in rows:
            settled_on = agreed.meta.effective_on
            rows[key] = {**order, "line": each.line, "sku": each.sku, "settled_on": settled_on, "moves": []}


def _add_movement(rows: Rows, matching_id: UUID, line: int, on: date, move: dict[str, str]) -> None:
    row = rows[f"{matching_id}/{line}"]
    row["moves"].append({"on": posting_day_for(on, rows).isoformat(), **move})
    row["settled_on"] = None if _has_difference(_sums(row["moves"])) else max(each["on"] for each in row["moves"])
    rows[f"{matching_id}/{line}"] = row


def _sums(moves: list[dict[str, str]]) -> dict[str, Decimal]:
    return {name: sum((Decimal(each.get(name, 0)) for each in moves), Decimal(0)) for name in (*QUANTITIES, *VALUES)}


def _has_difference(sums: dict[str, Decimal]) -> bool:
    return any(sums[received] != sums[billed] for received, billed in (QUANTITIES, VALUES))


def goods_received_not_invoiced(lines: RowReader, as_of: date | None, currency: str) -> dict[str, Any]:
    """Return each order line with received but not invoiced goods as of a day; the total is the balance of 2100."""
    rows = sorted(_open_lines(lines, as_of, currency), key=itemgetter("purchase_order", "purchase_order_id", "line"))
    total = Money.sum((row["open_value"] for row in rows), currency)
    return {"as_of": as_of, "rows": rows, "totals": {"open_value": total}}


def _open_lines(lines: RowReader, as_of: date | None, currency: str) -> Iterator[dict[str, Any]]:
    day = as_of.isoformat() if as_of else "9999-12-31"
    settled_later = lines.iterate_rows({"settled_on": [("gt", as_of)]}) if as_of else ()
    for line in chain(lines.iterate_rows({"settled_on": None}), settled_later):
        sums = _sums([each for each in line.get("moves", ()) if each["on"] <= day])
        if line.get("currency") == currency and _has_difference(sums):
            yield _row(line, sums)


def _row(line: dict[str, Any], sums: dict[str, Decimal]) -> dict[str, Any]:
    shown = ("purchase_order_id", "purchase_order", "supplier_id", "line", "sku")
    values = {name: Money(sums[name], line["currency"]) for name in VALUES}
    return {
        **{name: line[name] for name in shown},
        **{name: plain_number(sums[name]) for name in QUANTITIES},
        **values,
        "open": plain_number(sums["received"] - sums["billed"]),
        "open_value": values["received_value"] - values["billed_value"],
    }
