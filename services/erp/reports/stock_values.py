"""What the goods on hand are worth as of any day."""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.erp.domain.stock_value import StockValue
from services.erp.reports.open_days import ByOpenDay, posted_on
from shared.money import Money, plain
from shared.report import Reader, Report, Rows, on
from shared.report.calendar import spans_of, until

FOUR_DECIMALS = Decimal("0.0001")

OnHand = tuple[Decimal, Money | None]


class StockPlaces(Report):
    """Which item in which warehouse each stock value is of."""

    @on(StockValue.Opened)
    def opened(self, opened: StockValue.Opened, rows: Rows) -> None:
        rows[opened.originator_id] = {"sku": opened.sku, "warehouse": opened.warehouse}


class StockDays(ByOpenDay):
    """By how much each stock changed in quantity and value in each month and on each day: their sum is on hand."""

    version = 2
    history = True
    columns = {"span": str}

    @on(StockValue.Received)
    def received(self, received: StockValue.Received, rows: Rows) -> None:
        _change(rows, received, received.received_on, received.quantity, received.stock_value)

    @on(StockValue.Issued)
    def issued(self, issued: StockValue.Issued, rows: Rows) -> None:
        _change(rows, issued, issued.issued_on, -issued.quantity, None if issued.cost is None else -issued.cost)

    @on(StockValue.ReceiptReversed)
    def taken_back(self, gone: StockValue.ReceiptReversed, rows: Rows) -> None:
        _change(rows, gone, gone.received_on, -gone.quantity, -gone.stock_value)

    @on(StockValue.Repriced)
    def repriced(self, repriced: StockValue.Repriced, rows: Rows) -> None:
        _change(rows, repriced, repriced.received_on, Decimal(0), repriced.value_change)

    @on(StockValue.Counted)
    def counted(self, counted: StockValue.Counted, rows: Rows) -> None:
        _change(rows, counted, counted.counted_on, counted.difference, counted.value_change)

    @on(StockValue.CostsAdjusted)
    def recosted(self, recosted: StockValue.CostsAdjusted, rows: Rows) -> None:
        for each in recosted.changes:
            _change(rows, recosted, each.moved_on, each.quantity_change, each.value_change)


def _change(rows: Rows, event: Any, on: date, quantity: Decimal, worth: Money | None) -> None:
    for span in spans_of(posted_on(on, rows)):
        key = f"{event.originator_id}/{span}"
        row = rows.get(key) or {"stock": event.originator_id, "span": span, "quantity": "0", "value": None}
        rows[key] = {**row, "quantity": plain(Decimal(row["quantity"]) + quantity), "value": _sum(row["value"], worth)}


def _sum(stored: dict[str, str] | None, more: Money | None) -> Money | None:
    """None = nothing is known of the value yet."""
    if stored is None:
        return more
    return Money(**stored) if more is None else Money(**stored) + more


def stock_value(places: Reader, days: Reader, as_of: date | None, currency: str) -> dict[str, Any]:
    """Quantity, unit cost (4 decimals, half up) and value of each item in each warehouse; the value of all.

    Stock valued in another currency is left out; stock of which no price is known yet is worth nothing.
    """
    on_hand: dict[str, OnHand] = {}
    for span in until(as_of):
        for each in days.all({"span": span}):
            quantity, worth = on_hand.get(each["stock"], (Decimal(0), None))
            on_hand[each["stock"]] = quantity + Decimal(each["quantity"]), _sum(each["value"], worth)
    rows = sorted(_rows(places, on_hand, currency), key=lambda row: (row["sku"], row["warehouse"]))
    return {"as_of": as_of, "rows": rows, "totals": {"value": Money.sum((row["value"] for row in rows), currency)}}


def _rows(places: Reader, on_hand: dict[str, OnHand], currency: str) -> Iterator[dict[str, Any]]:
    for place in places.all():
        quantity, known = on_hand.get(place["id"], (None, None))
        worth = Money.zero(currency) if known is None else known
        if quantity is not None and worth.currency == currency:
            yield {
                "sku": place["sku"],
                "warehouse": place["warehouse"],
                "quantity": plain(quantity),
                "unit_cost": {"amount": str(_unit_cost(quantity, worth)), "currency": currency},
                "value": worth,
            }


def _unit_cost(quantity: Decimal, worth: Money) -> Decimal:
    return (worth.amount / quantity if quantity else Decimal(0)).quantize(FOUR_DECIMALS, ROUND_HALF_UP) + 0
