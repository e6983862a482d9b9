"""Valued quantity of each stock, compared with the stock of SCM."""

from decimal import Decimal

from services.erp.valuation.domain.stock_value import StockValue
from shared.projections import Rows, on
from shared.projections.figures import Figures, add_to_figure, open_figure


class StockQuantities(Figures):
    """Quantity of each item in each warehouse that the stock value is of; SCM decides what is right."""

    source = "scm"

    @on(StockValue.Opened)
    def opened(self, opened: StockValue.Opened, rows: Rows) -> None:
        open_figure(rows, opened.originator_id, opened.sku, opened.warehouse)

    @on(StockValue.Received, StockValue.OpeningStockAdded)
    def came(self, came: StockValue.Received | StockValue.OpeningStockAdded, rows: Rows) -> None:
        add_to_figure(rows, came.originator_id, came.quantity)

    @on(StockValue.Issued, StockValue.ReceiptReversed, StockValue.OpeningStockReversed)
    def left(
        self, left: StockValue.Issued | StockValue.ReceiptReversed | StockValue.OpeningStockReversed, rows: Rows
    ) -> None:
        add_to_figure(rows, left.originator_id, -left.quantity)

    @on(StockValue.Counted)
    def counted(self, counted: StockValue.Counted, rows: Rows) -> None:
        add_to_figure(rows, counted.originator_id, counted.difference)

    @on(StockValue.CostsAdjusted)
    def costs_adjusted(self, adjusted: StockValue.CostsAdjusted, rows: Rows) -> None:
        changed = sum((each.quantity_change for each in adjusted.changes), Decimal(0))
        add_to_figure(rows, adjusted.originator_id, changed)
