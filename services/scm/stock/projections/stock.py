"""Projection of stock."""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from services.scm.items.domain.goods import GoodsLine
from services.scm.receiving.domain.expected_delivery import ExpectedDelivery
from services.scm.receiving.domain.goods_receipt import GoodsReceipt
from services.scm.stock.projections.stock_by_day import DAYS, QUANTITIES, STOCK_COLUMNS, StockByDay
from services.scm.warehousing.domain.stock_item import StockItem
from shared.money import plain_number
from shared.projections import Projection, Rows, on


class Stock(Projection):
    """Stock of each item in each warehouse: on hand, reserved, available, backordered, and on order from suppliers.

    At the end of a business day (`as_of`) it is what was on hand, and the days between which that did not change.
    """

    has_history = True
    by_day = StockByDay
    columns = STOCK_COLUMNS
    extra_fields = DAYS

    @on(StockItem.Opened)
    def opened(self, opened: StockItem.Opened, rows: Rows) -> None:
        _row_key(rows, opened.sku, opened.warehouse)

    @on(StockItem.Received, StockItem.OpeningStockAdded)
    def received(self, received: StockItem.Received | StockItem.OpeningStockAdded, rows: Rows) -> None:
        _add_quantities(
            rows, received.originator_id, on_hand=_uncounted_quantity(received.quantity, received.included_in_count_id)
        )

    @on(StockItem.ReceiptReversed, StockItem.OpeningStockReversed)
    def receipt_reversed(self, undone: StockItem.ReceiptReversed | StockItem.OpeningStockReversed, rows: Rows) -> None:
        _add_quantities(
            rows, undone.originator_id, on_hand=-_uncounted_quantity(undone.quantity, undone.included_in_count_id)
        )

    @on(StockItem.Counted)
    def counted(self, counted: StockItem.Counted, rows: Rows) -> None:
        _add_quantities(
            rows, counted.originator_id, on_hand=_uncounted_quantity(counted.difference, counted.included_in_count_id)
        )

    @on(StockItem.Reserved)
    def reserved(self, reserved: StockItem.Reserved, rows: Rows) -> None:
        _add_quantities(rows, reserved.originator_id, reserved=reserved.quantity)

    @on(StockItem.Backordered)
    def backordered(self, backordered: StockItem.Backordered, rows: Rows) -> None:
        _add_quantities(rows, backordered.originator_id, backordered=backordered.quantity)

    @on(StockItem.BackorderAllocated)
    def backorder_allocated(self, allocated: StockItem.BackorderAllocated, rows: Rows) -> None:
        _add_quantities(rows, allocated.originator_id, reserved=allocated.quantity, backordered=-allocated.quantity)

    @on(StockItem.Issued)
    def issued(self, issued: StockItem.Issued, rows: Rows) -> None:
        quantity = _uncounted_quantity(issued.quantity, issued.included_in_count_id)
        _add_quantities(rows, issued.originator_id, on_hand=-quantity, reserved=-issued.quantity)

    @on(StockItem.Released)
    def released(self, released: StockItem.Released, rows: Rows) -> None:
        _add_quantities(rows, released.originator_id, reserved=-released.reserved, backordered=-released.backordered)

    @on(ExpectedDelivery.ReceiptExpected)
    def delivery_expected(self, expected: ExpectedDelivery.ReceiptExpected, rows: Rows) -> None:
        _add_on_order(rows, expected.warehouse, expected.lines, 1)

    @on(GoodsReceipt.Received)
    def goods_received(self, arrived: GoodsReceipt.Received, rows: Rows) -> None:
        _add_on_order(rows, arrived.warehouse, arrived.lines, -1)

    @on(ExpectedDelivery.OverReceived)
    def receipt_exceeded(self, exceeded: ExpectedDelivery.OverReceived, rows: Rows) -> None:
        _add_on_order(rows, exceeded.warehouse, exceeded.lines, 1)

    @on(ExpectedDelivery.Revised, ExpectedDelivery.ReceiptReversed)
    def delivery_changed(
        self, changed: ExpectedDelivery.Revised | ExpectedDelivery.ReceiptReversed, rows: Rows
    ) -> None:
        _add_on_order(rows, changed.warehouse, changed.open_change, 1)

    @on(ExpectedDelivery.Cancelled, ExpectedDelivery.Closed)
    def delivery_ended(self, ended: ExpectedDelivery.Cancelled | ExpectedDelivery.Closed, rows: Rows) -> None:
        _add_on_order(rows, ended.warehouse, ended.lines, -1)


def _uncounted_quantity(quantity: Decimal, counted_in: UUID | None) -> Decimal:
    """Return the quantity by which stock changes now: zero if a later count already includes it."""
    return quantity if counted_in is None else Decimal(0)


def _add_on_order(rows: Rows, warehouse: str, lines: Iterable[GoodsLine], sign: int) -> None:
    for line in lines:
        _add_quantities(rows, _row_key(rows, line.sku, warehouse), on_order=sign * line.quantity)


def _row_key(rows: Rows, sku: str, warehouse: str) -> UUID:
    """Return the key of the item's row in this warehouse; creates a missing row."""
    key = StockItem.create_id(sku, warehouse)
    if key not in rows:
        rows[key] = {"sku": sku, "warehouse": warehouse, **dict.fromkeys(QUANTITIES, "0"), **dict.fromkeys(DAYS)}
    return key


def _add_quantities(rows: Rows, key: UUID, **moved: Decimal) -> None:
    row = rows[key]
    for name, quantity in moved.items():
        row[name] = plain_number(Decimal(row[name]) + quantity)
    row["available"] = plain_number(Decimal(row["on_hand"]) - Decimal(row["reserved"]))
    rows[key] = row
