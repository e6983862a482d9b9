"""Goods received not invoiced, line by line: the composition of that account."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.erp.ledger.projections.dated_changes import add_change, add_item, changes_of_open_items
from services.erp.ledger.projections.large_sums import join_sum, split_sum, sum_columns
from services.erp.ledger.projections.other_currencies import name_other_currencies
from services.erp.ledger.projections.posting_days import ProjectionByPostingDay
from services.erp.payables.domain.invoice_matching import InvoiceMatching
from shared.fields import Code, Currency, FixedText
from shared.money import Money, plain_number
from shared.projections import RowReader, Rows, on
from shared.texts import natural_key

QUANTITIES, VALUES = ("received", "billed"), ("received_value", "billed_value")
ORDER_LINE = ("purchase_order_id", "purchase_order", "supplier_id", "line", "sku")

UNINVOICED_ROW: Mapping[str, Any] = {
    "purchase_order_id": UUID, "purchase_order": Code, "supplier_id": UUID, "line": int, "sku": Code,
    **dict.fromkeys(QUANTITIES, Decimal), **dict.fromkeys(VALUES, Money), "open": Decimal, "open_value": Money,
}  # fmt: skip
"""The rows of the statement."""


class UninvoicedReceipts(ProjectionByPostingDay):
    """Received and invoiced quantities and values of each order line, by day; `settled_on` once both agree."""

    version = 4
    has_history = True
    columns = {
        "entity": FixedText, "purchase_order_id": UUID, "purchase_order": Code, "supplier_id": UUID, "line": int,
        "sku": Code, "currency": Currency, **sum_columns(*QUANTITIES, *VALUES), "posted_on": date, "settled_on": date,
    }  # fmt: skip
    indexes = (("settled_on",),)

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
            movement = {"received": each.quantity, "received_value": each.stock_value.amount}
            _add_movement(rows, counted.originator_id, each.line, counted.posted_on, movement)

    @on(InvoiceMatching.InvoiceIncluded)
    def invoice_included(self, counted: InvoiceMatching.InvoiceIncluded, rows: Rows) -> None:
        for each in counted.lines:
            movement = {"billed": each.quantity, "billed_value": each.cleared.amount}
            _add_movement(rows, counted.originator_id, each.line, counted.posted_on, movement)

    @on(InvoiceMatching.ClearingAdjusted)
    def clearing_adjusted(self, recleared: InvoiceMatching.ClearingAdjusted, rows: Rows) -> None:
        for each in recleared.changes:
            movement = {"billed": each.quantity_change, "billed_value": each.amount_change.amount}
            _add_movement(rows, recleared.originator_id, each.line, recleared.posted_on, movement)


def _add_missing_rows(
    rows: Rows, agreed: InvoiceMatching.Opened | InvoiceMatching.PricesRevised, order: dict[str, Any]
) -> None:
    """Add a row for each line that has none yet."""
    for each in agreed.lines:
        key = f"{agreed.originator_id}/{each.line}"
        if key not in rows:
            line = {**order, "line": each.line, "sku": each.sku}
            known = {name: line[name] for name in (*ORDER_LINE, "currency")}
            add_item(rows, key, agreed.meta.effective_on, **known, open=Decimal(0), open_value=Decimal(0))


def _add_movement(rows: Rows, matching_id: UUID, line: int, on: date, movement: dict[str, Decimal]) -> None:
    """Add received or invoiced goods, or a change of their value, to an order line."""
    key = f"{matching_id}/{line}"
    item, moved = rows[key], {name: movement.get(name, Decimal(0)) for name in (*QUANTITIES, *VALUES)}
    change = {name: item[name] for name in (*ORDER_LINE, "currency")}
    for name, number in moved.items():
        change |= split_sum(name, number)
    open_quantity = Decimal(item["open"]) + moved["received"] - moved["billed"]
    open_value = Decimal(item["open_value"]) + moved["received_value"] - moved["billed_value"]
    add_change(rows, key, on, change, open=open_quantity, open_value=open_value)


def goods_received_not_invoiced(lines: RowReader, as_of: date | None, currency: str) -> dict[str, Any]:
    """Return each order line with received but not invoiced goods as of a day; the total is the account's balance."""
    rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line_currency, row in _open_lines(lines, as_of):
        rows[line_currency].append(row)
    return {
        "as_of": as_of,
        "rows": sorted(rows[currency], key=_place),
        "totals": _totals(rows[currency], currency),
        **name_other_currencies(rows, currency, lambda each: _totals(rows[each], each)),
    }


def _place(row: dict[str, Any]) -> tuple[str, UUID, int]:
    return natural_key(row["purchase_order"]), row["purchase_order_id"], row["line"]


def _totals(rows: list[dict[str, Any]], currency: str) -> dict[str, Money]:
    return {"open_value": Money.sum((row["open_value"] for row in rows), currency)}


def _open_lines(lines: RowReader, as_of: date | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the currency of each open order line, and its row."""
    changes = changes_of_open_items(as_of)
    for line in lines.summarize((*ORDER_LINE, "currency"), tuple(sum_columns(*QUANTITIES, *VALUES)), changes):
        sums = {name: join_sum(name, line["sums"]) for name in (*QUANTITIES, *VALUES)}
        if any(sums[received] != sums[billed] for received, billed in (QUANTITIES, VALUES)):
            yield line["currency"], _row(line, sums, line["currency"])


def _row(line: dict[str, Any], sums: dict[str, Decimal], currency: str) -> dict[str, Any]:
    values = {name: Money(sums[name], currency) for name in VALUES}
    return {
        **{name: line[name] for name in ORDER_LINE},
        **{name: plain_number(sums[name]) for name in QUANTITIES},
        **values,
        "open": plain_number(sums["received"] - sums["billed"]),
        "open_value": values["received_value"] - values["billed_value"],
    }
