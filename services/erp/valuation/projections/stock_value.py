"""Stock value as of any day."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from services.erp.ledger.projections.large_sums import join_sum, split_sum, sum_columns
from services.erp.ledger.projections.other_currencies import name_other_currencies, statement_shape
from services.erp.ledger.projections.posting_days import ProjectionByPostingDay, posting_day_for
from services.erp.valuation.domain.stock_value import StockValue
from shared.domain import MAIN_ENTITY
from shared.fields import Code, Currency, FixedText
from shared.money import Money, UnitPrice, plain_number
from shared.projections import RowReader, Rows, on
from shared.projections.calendar import keys_until, month_and_day_keys
from shared.projections.column_comparison import ALIKE
from shared.texts import natural_key

Statement = list[dict[str, Any]]
"""The rows of the statement."""
STOCK_VALUE_ROW: Mapping[str, Any] = {
    "sku": Code, "warehouse": Code, "quantity": Decimal, "unit_cost": UnitPrice, "value": Money, "unvalued": bool,
}  # fmt: skip
STOCK_VALUE_STATEMENT = statement_shape({"as_of": date}, STOCK_VALUE_ROW, {"value": Money}, has_more=bool)
DECIMALS, SIGNIFICANT_DIGITS = 4, 4


class StockValueChanges(ProjectionByPostingDay):
    """Changes of quantity and value of each stock, per month and per day; their sum is the stock on hand.

    A row under a stock's own id only stores its item and warehouse. `currency` is none while no value is known,
    `last_unit_cost` unless the goods were used up. `priced` counts the receipts and opening stock with a price.
    """

    version = 6
    has_history = True
    columns = {
        "span": FixedText, "entity": FixedText, "sku": Code, "warehouse": Code, "currency": Currency,
        **sum_columns("quantity", "value"), "priced": int, "last_unit_cost": FixedText,
    }  # fmt: skip
    indexes = (("span",),)

    @on(StockValue.Opened)
    def opened(self, opened: StockValue.Opened, rows: Rows) -> None:
        rows[opened.originator_id] = {"entity": MAIN_ENTITY, "sku": opened.sku, "warehouse": opened.warehouse}

    @on(StockValue.Received)
    def received(self, received: StockValue.Received, rows: Rows) -> None:
        _add_change(rows, received, received.received_on, received.quantity, received.stock_value, priced=1)

    @on(StockValue.OpeningStockAdded)
    def opening_stock_added(self, added: StockValue.OpeningStockAdded, rows: Rows) -> None:
        _add_change(rows, added, added.opened_on, added.quantity, added.stock_value, priced=1)

    @on(StockValue.OpeningStockReversed)
    def opening_stock_reversed(self, gone: StockValue.OpeningStockReversed, rows: Rows) -> None:
        _add_change(rows, gone, gone.opened_on, -gone.quantity, -gone.stock_value, priced=-1)

    @on(StockValue.Issued)
    def issued(self, issued: StockValue.Issued, rows: Rows) -> None:
        _add_change(rows, issued, issued.issued_on, -issued.quantity, None if issued.cost is None else -issued.cost)

    @on(StockValue.ReceiptReversed)
    def receipt_reversed(self, gone: StockValue.ReceiptReversed, rows: Rows) -> None:
        _add_change(rows, gone, gone.received_on, -gone.quantity, -gone.stock_value, priced=-1)

    @on(StockValue.Repriced)
    def repriced(self, repriced: StockValue.Repriced, rows: Rows) -> None:
        _add_change(rows, repriced, repriced.received_on, Decimal(0), repriced.value_change)

    @on(StockValue.Counted)
    def counted(self, counted: StockValue.Counted, rows: Rows) -> None:
        _add_change(rows, counted, counted.counted_on, counted.difference, counted.value_change)

    @on(StockValue.UsedUp)
    def used_up(self, used_up: StockValue.UsedUp, rows: Rows) -> None:
        for key, row in _rows_of_day(rows, used_up, used_up.used_up_on):
            rows[key] = {**row, "last_unit_cost": str(used_up.last_unit_cost)}

    @on(StockValue.CostsAdjusted)
    def costs_adjusted(self, recosted: StockValue.CostsAdjusted, rows: Rows) -> None:
        for each in recosted.changes:
            _add_change(rows, recosted, each.moved_on, each.quantity_change, each.value_change)


def _add_change(rows: Rows, event: Any, on: date, quantity: Decimal, worth: Money | None, *, priced: int = 0) -> None:
    for key, row in _rows_of_day(rows, event, on):
        rows[key] = {
            **row,
            "currency": row["currency"] if worth is None else worth.currency,
            **split_sum("quantity", join_sum("quantity", row) + quantity),
            **split_sum("value", join_sum("value", row) + (Decimal(0) if worth is None else worth.amount)),
            "priced": row["priced"] + priced,
        }


def _rows_of_day(rows: Rows, event: Any, on: date) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield key and row of the month and the day on which a stock changes; new rows are empty."""
    for span in month_and_day_keys(posting_day_for(on, rows)):
        key = f"{event.originator_id}/{span}"
        yield key, rows.get(key) or {
            **rows[event.originator_id], "span": span, "currency": None, "last_unit_cost": None, "priced": 0,
            **split_sum("quantity", Decimal(0)), **split_sum("value", Decimal(0)),
        }  # fmt: skip


def stock_value(
    changes: RowReader, as_of: date | None, currency: str, *, sku: str | None = None, warehouse: str | None = None
) -> dict[str, Any]:
    """Return quantity, unit cost (4 decimals, half up) and value of each item and warehouse, and the total value.

    `sku` and `warehouse` are codes in any case. Stock valued in another currency is counted there; stock without a
    known price has the value zero and is `unvalued`.
    Stock of quantity zero has the last known unit cost.
    """
    only = {name: [(ALIKE, value)] for name, value in (("sku", sku), ("warehouse", warehouse)) if value is not None}
    until = {"entity": MAIN_ENTITY, "span": keys_until(as_of), **only}
    rows = _rows_by_currency(changes, until, currency)
    rows[currency].sort(key=lambda row: (natural_key(row["sku"]), natural_key(row["warehouse"])))
    _show_last_unit_costs(rows[currency], changes, until)
    return {
        "as_of": as_of,
        "rows": rows[currency],
        "totals": _totals(rows[currency], currency),
        **name_other_currencies(rows, currency, lambda each: _totals(rows[each], each)),
    }


def _rows_by_currency(changes: RowReader, until: dict[str, Any], currency: str) -> defaultdict[str, Statement]:
    """Return the row of each stock under the currency in which it is valued, by default in this one."""
    parts = changes.summarize(("sku", "warehouse", "currency"), (*sum_columns("quantity", "value"), "priced"), until)
    rows: defaultdict[str, Statement] = defaultdict(list)
    for (sku, warehouse), each in groupby(parts, key=itemgetter("sku", "warehouse")):
        of_stock = list(each)
        valued_in = next((part["currency"] for part in of_stock if part["currency"]), None)
        rows[valued_in or currency].append(_row(sku, warehouse, of_stock, valued_in or currency))
    return rows


def _totals(rows: Statement, currency: str) -> dict[str, Money]:
    return {"value": Money.sum((row["value"] for row in rows), currency)}


def _row(sku: str, warehouse: str, parts: list[dict[str, Any]], currency: str) -> dict[str, Any]:
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
        "unvalued": bool(quantity) and not amount and not sum(part["sums"]["priced"] for part in parts),
    }


def _unit_cost(quantity: Decimal, worth: Money) -> Decimal:
    return _rounded_cost(worth.amount / quantity if quantity else Decimal(0))


def _rounded_cost(cost: Decimal) -> Decimal:
    """Return a unit cost with four decimals, or with so many more that four digits are not zero."""
    leading_zeros = -cost.adjusted() - 1 if cost else 0
    decimals = max(DECIMALS, leading_zeros + SIGNIFICANT_DIGITS)
    return cost.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) + 0


def _show_last_unit_costs(rows: Statement, changes: RowReader, until: dict[str, Any]) -> None:
    """Show at which unit cost the goods of each stock without quantity were last used up."""
    used_up = [row for row in rows if row["quantity"] == "0"]
    costs = _last_unit_costs(changes, until) if used_up else {}
    for row in used_up:
        known = costs.get((row["sku"], row["warehouse"]), Decimal(0))
        row["unit_cost"]["amount"] = str(_rounded_cost(known))


def _last_unit_costs(changes: RowReader, until: dict[str, Any]) -> dict[tuple[str, str], Decimal]:
    """Return the unit cost at which the goods of each stock were last used up."""
    found = changes.iterate_rows({**until, "last_unit_cost": [("gt", None)]})
    in_order = sorted(found, key=lambda each: str(each["span"][1:]))
    return {(each["sku"], each["warehouse"]): Decimal(each["last_unit_cost"]) for each in in_order}
