"""Quantity of each stock, which ERP keeps as well."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from services.scm.warehousing.domain.stock_item import StockItem
from shared.projections import Rows, on
from shared.projections.figures import Figures, add_to_figure, open_figure


class StockQuantities(Figures):
    """Quantity on hand of each item in each warehouse; ERP compares its own with it."""

    @on(StockItem.Opened)
    def opened(self, opened: StockItem.Opened, rows: Rows) -> None:
        open_figure(rows, opened.originator_id, opened.sku, opened.warehouse)

    @on(StockItem.Received, StockItem.OpeningStockAdded)
    def came(self, came: StockItem.Received | StockItem.OpeningStockAdded, rows: Rows) -> None:
        _add(rows, came, came.quantity)

    @on(StockItem.Issued, StockItem.ReceiptReversed, StockItem.OpeningStockReversed)
    def left(
        self, left: StockItem.Issued | StockItem.ReceiptReversed | StockItem.OpeningStockReversed, rows: Rows
    ) -> None:
        _add(rows, left, -left.quantity)

    @on(StockItem.Counted)
    def counted(self, counted: StockItem.Counted, rows: Rows) -> None:
        _add(rows, counted, counted.difference)


def _add(rows: Rows, event: Any, quantity: Decimal) -> None:
    """Add a movement, unless a later count already includes it."""
    counted_in: UUID | None = event.included_in_count_id
    if counted_in is None:
        add_to_figure(rows, event.originator_id, quantity)
