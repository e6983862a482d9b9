"""Stock at the end of each business day."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.scm.warehousing.domain.stock_item import StockItem
from shared.fields import Code
from shared.money import plain_number
from shared.projections import Projection, Rows, on

QUANTITIES = ("on_hand", "reserved", "available", "backordered", "on_order")
STOCK_COLUMNS: dict[str, Any] = {"sku": Code, "warehouse": Code, **dict.fromkeys(QUANTITIES, Decimal | None)}
DAYS = dict.fromkeys(("since", "until", "previous"), date | None)
"""Days of the warehouse: that of the last change, that of the next one, and that of the one before."""
Row = dict[str, Any]


class StockByDay(Projection):
    """Stock on hand at the end of each business day of the warehouse: one row from a day of changes until the next one.

    A movement counts on its own day, however late it is recorded; one that a later count includes already changes the
    stock until the day of that count. The newest row of an item has the id of the stock item, an earlier one also its
    `since`; a row with the id of a receipt, an opening stock or a count has only its day.
    """

    has_history = True
    columns = {**STOCK_COLUMNS, **DAYS}
    indexes = (("sku",), ("since",))

    @on(StockItem.Opened)
    def opened(self, opened: StockItem.Opened, rows: Rows) -> None:
        rows[opened.originator_id] = {
            "sku": opened.sku, "warehouse": opened.warehouse, **dict.fromkeys(QUANTITIES), **dict.fromkeys(DAYS)
        }  # fmt: skip

    @on(StockItem.Received)
    def received(self, received: StockItem.Received, rows: Rows) -> None:
        _keep_day(rows, received, received.receipt_id, received.received_on)
        _change(rows, received, received.received_on, received.quantity)

    @on(StockItem.OpeningStockAdded)
    def opening_stock_added(self, added: StockItem.OpeningStockAdded, rows: Rows) -> None:
        _keep_day(rows, added, added.opening_stock_id, added.opened_on)
        _change(rows, added, added.opened_on, added.quantity)

    @on(StockItem.ReceiptReversed)
    def receipt_reversed(self, undone: StockItem.ReceiptReversed, rows: Rows) -> None:
        _change(rows, undone, _day_of(rows, undone, undone.receipt_id), -undone.quantity)

    @on(StockItem.OpeningStockReversed)
    def opening_stock_reversed(self, undone: StockItem.OpeningStockReversed, rows: Rows) -> None:
        _change(rows, undone, _day_of(rows, undone, undone.opening_stock_id), -undone.quantity)

    @on(StockItem.Issued)
    def issued(self, issued: StockItem.Issued, rows: Rows) -> None:
        _change(rows, issued, issued.issued_on, -issued.quantity)

    @on(StockItem.Counted)
    def counted(self, counted: StockItem.Counted, rows: Rows) -> None:
        _keep_day(rows, counted, counted.count_id, counted.counted_on)
        _change(rows, counted, counted.counted_on, counted.difference)


def _keep_day(rows: Rows, event: Any, document_id: UUID, day: date) -> None:
    """Keep the day of a document: its reversal, or a movement that it includes, names only its id."""
    rows[f"{event.originator_id} {document_id}"] = {"day": day}


def _day_of(rows: Rows, event: Any, document_id: UUID) -> date:
    return date.fromisoformat(rows[f"{event.originator_id} {document_id}"]["day"])


def _change(rows: Rows, event: Any, day: date, quantity: Decimal) -> None:
    """Change the stock from a day on, until the day of the count that includes the movement already."""
    _add_from(rows, event.originator_id, day, quantity)
    counted_in: UUID | None = event.included_in_count_id
    if counted_in is not None:
        _add_from(rows, event.originator_id, _day_of(rows, event, counted_in), -quantity)


def _add_from(rows: Rows, stock_id: UUID, day: date, quantity: Decimal) -> None:
    """Add a quantity to the stock on this day and all later ones; earlier rows stay as they are."""
    key, start = str(stock_id), day.isoformat()
    row, later = rows[key], ""
    while row["since"] is not None and row["since"] > start:
        rows[key] = _with_more(row, quantity)
        later, key = key, _key_of(stock_id, row["previous"])
        row = rows.get(key) or _before_all(row)
    if row["since"] == start:
        rows[key] = _with_more(row, quantity)
    else:
        _begin_row(rows, stock_id, row, later, start, quantity)


def _begin_row(rows: Rows, stock_id: UUID, before: Row, later: str, start: str, quantity: Decimal) -> None:
    """Let a new row begin on a day within the days of `before`; `later` is the key of the row after it, if any."""
    if before["since"] is not None:
        rows[_key_of(stock_id, before["since"])] = {**before, "until": start}
    if later:
        rows[later] = {**rows[later], "previous": start}
    new = {**before, "since": start, "previous": before["since"], "on_hand": before["on_hand"] or "0"}
    rows[_key_of(stock_id, start) if later else stock_id] = _with_more(new, quantity)


def _key_of(stock_id: UUID, since: str | None) -> str:
    return f"{stock_id} {since}"


def _before_all(first: Row) -> Row:
    """Return the row of the days before the first change, which is not kept."""
    return {**first, "on_hand": None, "since": None, "until": first["since"], "previous": None}


def _with_more(row: Row, quantity: Decimal) -> Row:
    return {**row, "on_hand": plain_number(Decimal(row["on_hand"]) + quantity)}
