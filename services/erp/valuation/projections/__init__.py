"""Stock value as of any day, and the quantity of each stock."""

from services.erp.valuation.projections.stock_quantities import StockQuantities
from services.erp.valuation.projections.stock_value import STOCK_VALUE_STATEMENT, StockValueChanges, stock_value

__all__ = ["STOCK_VALUE_STATEMENT", "StockQuantities", "StockValueChanges", "stock_value"]
