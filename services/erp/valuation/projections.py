"""Stock value as of any day."""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.erp.ledger.projections.posting_days import ProjectionByPostingDay, posting_day_for
from services.erp.valuation.domain.stock_value import StockValue
from shared.money import Money, plain_number
from shared.projections import Projection, RowReader, Rows, on
from shared.projections.calendar import key_ranges_until, month_and_day_keys

FOUR_DECIMALS = Decimal("0.0001")

OnHand = tuple[Decimal, Money | None]


class StockValueItems(Projection):
    """Item and warehouse of each stock value, by its id; the values themselves are in `StockValueChanges`."""

    @on(StockValue.Opened)
    def opened(self, opened: StockValue.Opened, rows: Rows) -> None:
        rows[opened.originator_id] = {"sku": opened.sku, "warehouse": opened.warehouse}


class StockValueChanges(ProjectionByPostingDay):
    """Changes of quantity and value of each stock, per month and per day; their sum is the stock on hand."""

    version = 2
    has_history = True
    columns = {"span": str}

    @on(StockValue.Received)
    def received(self, received: StockValue.Received, rows: Rows) -> None:
        _add_change(rows, received, received.received_on, received.quantity, received.stock_value)

    @on(StockValue.Issued)
    def issued(self, issued: StockValue.Issued, rows: Rows) -> None:
        _add_change(rows, issued, issued.issued_on, -issued.quantity, None if issued.cost is None else -issued.cost)

    @on(StockValue.ReceiptReversed)
    def receipt_reversed(self, gone: StockValue.ReceiptReversed, rows: Rows) -> None:
        _add_change(rows, gone, gone.received_on, -gone.quantity, -gone.stock_value)

    @on(StockValue.Repriced)
    def repriced(self, repriced: StockValue.Repriced, rows: Rows) -> None:
        _add_change(rows, repriced, repriced.received_on, Decimal(0), repriced.value_change)

    @on(StockValue.Counted)
    def counted(self, counted: StockValue.Counted, rows: Rows) -> None:
        _add_change(rows, counted, counted.counted_on, counted.difference, counted.value_change)

    @on(StockValue.CostsAdjusted)
    def costs_adjusted(self, recosted: StockValue.CostsAdjusted, rows: Rows) -> None:
        for each in recosted.changes:
            _add_change(rows, recosted, each.moved_on, each.quantity_change, each.value_change)


def _add_change(rows: Rows, event: Any, on: date, quantity: Decimal, worth: Money | None) -> None:
    for span in month_and_day_keys(posting_day_for(on, rows)):
        key = f"{event.originator_id}/{span}"
        row = rows.get(key) or {"stock": event.originator_id, "span": span, "quantity": "0", "value": None}
        rows[key] = {
            **row,
            "quantity": plain_number(Decimal(row["quantity"]) + quantity),
            "value": _sum(row["value"], worth),
        }


def _sum(stored: dict[str, str] | None, more: Money | None) -> Money | None:
    """Return the sum; none while no value is known."""
    if stored is None:
        return more
    return Money(**stored) if more is None else Money(**stored) + more


def stock_value(places: RowReader, days: RowReader, as_of: date | None, currency: str) -> dict[str, Any]:
    """Return quantity, unit cost (4 decimals, half up) and value of each item and warehouse, and the total value.

    Stock valued in another currency is left out; stock without a known price has the value zero.
    """
    on_hand: dict[str, OnHand] = {}
    for span in key_ranges_until(as_of):
        for each in days.iterate_rows({"span": span}):
            quantity, worth = on_hand.get(each["stock"], (Decimal(0), None))
            on_hand[each["stock"]] = quantity + Decimal(each["quantity"]), _sum(each["value"], worth)
    rows = sorted(_rows(places, on_hand, currency), key=lambda row: (row["sku"], row["warehouse"]))
    return {"as_of": as_of, "rows": rows, "totals": {"value": Money.sum((row["value"] for row in rows), currency)}}


def _rows(places: RowReader, on_hand: dict[str, OnHand], currency: str) -> Iterator[dict[str, Any]]:
    for place in places.iterate_rows():
        quantity, known = on_hand.get(place["id"], (None, None))
        worth = Money.zero(currency) if known is None else known
        if quantity is not None and worth.currency == currency:
            yield {
                "sku": place["sku"],
                "warehouse": place["warehouse"],
                "quantity": plain_number(quantity),
                "unit_cost": {"amount": str(_unit_cost(quantity, worth)), "currency": currency},
                "value": worth,
            }


def _unit_cost(quantity: Decimal, worth: Money) -> Decimal:
    return (worth.amount / quantity if quantity else Decimal(0)).quantize(FOUR_DECIMALS, ROUND_HALF_UP) + 0
