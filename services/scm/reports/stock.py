"""What is there, what is promised, what is missing, what is coming."""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from services.scm.domain.expected_delivery import ExpectedDelivery
from services.scm.domain.goods import GoodsLine
from services.scm.domain.goods_receipt import GoodsReceipt
from services.scm.domain.stock_item import StockItem
from shared.money import plain
from shared.report import Report, Rows, on

QUANTITIES = ("on_hand", "reserved", "available", "backordered", "on_order")


class Stock(Report):
    """Each item in each warehouse: on hand, reserved, available, backordered, and on order from suppliers."""

    columns = {"sku": str, "warehouse": str, **dict.fromkeys(QUANTITIES, Decimal)}

    @on(StockItem.Opened)
    def opened(self, opened: StockItem.Opened, rows: Rows) -> None:
        _place(rows, opened.sku, opened.warehouse)

    @on(StockItem.Received)
    def received(self, received: StockItem.Received, rows: Rows) -> None:
        _move(rows, received.originator_id, on_hand=_seen(received.quantity, received.included_in_count_id))

    @on(StockItem.ReceiptReversed)
    def taken_back(self, gone: StockItem.ReceiptReversed, rows: Rows) -> None:
        _move(rows, gone.originator_id, on_hand=-_seen(gone.quantity, gone.included_in_count_id))

    @on(StockItem.Counted)
    def counted(self, counted: StockItem.Counted, rows: Rows) -> None:
        _move(rows, counted.originator_id, on_hand=_seen(counted.difference, counted.included_in_count_id))

    @on(StockItem.Reserved)
    def reserved(self, reserved: StockItem.Reserved, rows: Rows) -> None:
        _move(rows, reserved.originator_id, reserved=reserved.quantity)

    @on(StockItem.Backordered)
    def backordered(self, waits: StockItem.Backordered, rows: Rows) -> None:
        _move(rows, waits.originator_id, backordered=waits.quantity)

    @on(StockItem.BackorderAllocated)
    def served(self, served: StockItem.BackorderAllocated, rows: Rows) -> None:
        _move(rows, served.originator_id, reserved=served.quantity, backordered=-served.quantity)

    @on(StockItem.Issued)
    def issued(self, issued: StockItem.Issued, rows: Rows) -> None:
        gone = _seen(issued.quantity, issued.included_in_count_id)
        _move(rows, issued.originator_id, on_hand=-gone, reserved=-issued.quantity)

    @on(StockItem.Released)
    def released(self, released: StockItem.Released, rows: Rows) -> None:
        _move(rows, released.originator_id, reserved=-released.reserved, backordered=-released.backordered)

    @on(ExpectedDelivery.ReceiptExpected)
    def announced(self, announced: ExpectedDelivery.ReceiptExpected, rows: Rows) -> None:
        _expect(rows, announced.warehouse, announced.lines, 1)

    @on(GoodsReceipt.Received)
    def arrived(self, arrived: GoodsReceipt.Received, rows: Rows) -> None:
        _expect(rows, arrived.warehouse, arrived.lines, -1)

    @on(ExpectedDelivery.OverReceived)
    def more_than_open(self, exceeded: ExpectedDelivery.OverReceived, rows: Rows) -> None:
        _expect(rows, exceeded.warehouse, exceeded.lines, 1)

    @on(ExpectedDelivery.Revised, ExpectedDelivery.ReceiptReversed)
    def open_again(self, changed: ExpectedDelivery.Revised | ExpectedDelivery.ReceiptReversed, rows: Rows) -> None:
        _expect(rows, changed.warehouse, changed.open_change, 1)

    @on(ExpectedDelivery.Cancelled, ExpectedDelivery.Closed)
    def not_coming(self, ended: ExpectedDelivery.Cancelled | ExpectedDelivery.Closed, rows: Rows) -> None:
        _expect(rows, ended.warehouse, ended.lines, -1)


def _seen(quantity: Decimal, counted_in: UUID | None) -> Decimal:
    """What moves now: nothing where a count has seen it already."""
    return quantity if counted_in is None else Decimal(0)


def _expect(rows: Rows, warehouse: str, lines: Iterable[GoodsLine], sign: int) -> None:
    for line in lines:
        _move(rows, _place(rows, line.sku, warehouse), on_order=sign * line.quantity)


def _place(rows: Rows, sku: str, warehouse: str) -> UUID:
    """The key of the item's row in this warehouse; the row is there from now on."""
    key = StockItem.create_id(sku, warehouse)
    if key not in rows:
        rows[key] = {"sku": sku, "warehouse": warehouse, **dict.fromkeys(QUANTITIES, "0")}
    return key


def _move(rows: Rows, key: UUID, **moved: Decimal) -> None:
    row = rows[key]
    for name, quantity in moved.items():
        row[name] = plain(Decimal(row[name]) + quantity)
    row["available"] = plain(Decimal(row["on_hand"]) - Decimal(row["reserved"]))
    rows[key] = row
