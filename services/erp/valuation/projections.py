"""Stock value as of any day."""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from services.erp.ledger.projections.large_sums import join_sum, split_sum, sum_columns
from services.erp.ledger.projections.posting_days import ProjectionByPostingDay, posting_day_for
from services.erp.valuation.domain.stock_value import StockValue
from shared.domain import MAIN_ENTITY
from shared.fields import Code
from shared.money import Money, plain_number
from shared.projections import RowReader, Rows, on
from shared.projections.calendar import keys_until, month_and_day_keys

FOUR_DECIMALS = Decimal("0.0001")


class StockValueChanges(ProjectionByPostingDay):
    """Changes of quantity and value of each stock, per month and per day; their sum is the stock on hand.

    A row under a stock's own id only stores its item and warehouse. `currency` is none while no value is known,
    `last_unit_cost` unless the goods were used up.
    """

    version = 5
    has_history = True
    columns = {
        "span": str, "entity": str, "sku": Code, "warehouse": Code, "currency": str,
        **sum_columns("quantity", "value"), "last_unit_cost": Decimal,
    }  # fmt: skip
    indexes = (("span",),)

    @on(StockValue.Opened)
    def opened(self, opened: StockValue.Opened, rows: Rows) -> None:
        rows[opened.originator_id] = {"entity": MAIN_ENTITY, "sku": opened.sku, "warehouse": opened.warehouse}

    @on(StockValue.Received)
    def received(self, received: StockValue.Received, rows: Rows) -> None:
        _add_change(rows, received, received.received_on, received.quantity, received.stock_value)

    @on(StockValue.OpeningStockAdded)
    def opening_stock_added(self, added: StockValue.OpeningStockAdded, rows: Rows) -> None:
        _add_change(rows, added, added.opened_on, added.quantity, added.stock_value)

    @on(StockValue.OpeningStockReversed)
    def opening_stock_reversed(self, gone: StockValue.OpeningStockReversed, rows: Rows) -> None:
        _add_change(rows, gone, gone.opened_on, -gone.quantity, -gone.stock_value)

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

    @on(StockValue.UsedUp)
    def used_up(self, used_up: StockValue.UsedUp, rows: Rows) -> None:
        for key, row in _rows_of_day(rows, used_up, used_up.used_up_on):
            rows[key] = {**row, "currency": used_up.currency, "last_unit_cost": used_up.last_unit_cost}

    @on(StockValue.CostsAdjusted)
    def costs_adjusted(self, recosted: StockValue.CostsAdjusted, rows: Rows) -> None:
        for each in recosted.changes:
            _add_change(rows, recosted, each.moved_on, each.quantity_change, each.value_change)


def _add_change(rows: Rows, event: Any, on: date, quantity: Decimal, worth: Money | None) -> None:
    for key, row in _rows_of_day(rows, event, on):
        rows[key] = {
            **row,
            "currency": row["currency"] if worth is None else worth.currency,
            **split_sum("quantity", join_sum("quantity", row) + quantity),
            **split_sum("value", join_sum("value", row) + (Decimal(0) if worth is None else worth.amount)),
        }


def _rows_of_day(rows: Rows, event: Any, on: date) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield key and row of the month and the day on which a stock changes; new rows are empty."""
    for span in month_and_day_keys(posting_day_for(on, rows)):
        key = f"{event.originator_id}/{span}"
        yield key, rows.get(key) or {
            **rows[event.originator_id], "span": span, "currency": None, "last_unit_cost": None,
            **split_sum("quantity", Decimal(0)), **split_sum("value", Decimal(0)),
        }  # fmt: skip


def stock_value(
    changes: RowReader, as_of: date | None, currency: str, *, sku: str | None = None, warehouse: str | None = None
) -> dict[str, Any]:
    """Return quantity, unit cost (4 decimals, half up) and value of each item and warehouse, and the total value.

    Stock valued in another currency is left out; stock without a known price has the value zero and is `unvalued`.
    Stock of quantity zero has the last known unit cost.
    """
    only = {name: value for name, value in (("sku", sku), ("warehouse", warehouse)) if value is not None}
    until = {"entity": MAIN_ENTITY, "span": keys_until(as_of), **only}
    parts = changes.summarize(("sku", "warehouse", "currency"), tuple(sum_columns("quantity", "value")), until)
    by_stock = groupby(parts, key=itemgetter("sku", "warehouse"))
    rows = [row for (item, place), each in by_stock if (row := _row(item, place, list(each), currency))]
    for row in rows:
        if row["quantity"] == "0":
            row["unit_cost"]["amount"] = str(_last_unit_cost(changes, row, as_of))
    return {"as_of": as_of, "rows": rows, "totals": {"value": Money.sum((row["value"] for row in rows), currency)}}


def _row(sku: str, warehouse: str, parts: list[dict[str, Any]], currency: str) -> dict[str, Any] | None:
    """Return the row of one stock, whose parts differ in their currency; none if it is valued in another one."""
    if any(part["currency"] not in (None, currency) for part in parts):
        return None
    quantity, amount = (
        sum((join_sum(name, part["sums"]) for part in parts), Decimal(0)) for name in ("quantity", "value")
    )
    worth = Money(amount, currency)
    return {
        "sku": sku,
        "warehouse": warehouse,
        "quantity": plain_number(quantity),
        "unit_cost": {"amount": str(_unit_cost(quantity, worth)), "currency": currency},
        "value": worth,
        "unvalued": bool(quantity) and all(part["currency"] is None for part in parts),
    }


def _unit_cost(quantity: Decimal, worth: Money) -> Decimal:
    return (worth.amount / quantity if quantity else Decimal(0)).quantize(FOUR_DECIMALS, ROUND_HALF_UP) + 0


def _last_unit_cost(changes: RowReader, row: dict[str, Any], as_of: date | None) -> Decimal:
    """Return the unit cost at which the goods of a stock were last used up; zero if none was known."""
    prefix = f"{StockValue.create_id(row['sku'], row['warehouse'])}/"
    used_up = {"id": _with_prefix(prefix, keys_until(as_of)), "last_unit_cost": [("gt", None)]}
    last = max(changes.iterate_rows(used_up), key=lambda each: each["span"][1:], default=None)
    return Decimal(last["last_unit_cost"] if last else 0).quantize(FOUR_DECIMALS)


def _with_prefix(prefix: str, tests: Any) -> list[tuple[str, Any]]:
    """Return tests of spans as tests of keys, which begin with the id of the stock."""
    return [
        (operator, [_with_prefix(prefix, each) for each in value] if operator == "any" else prefix + value)
        for operator, value in tests
    ]
