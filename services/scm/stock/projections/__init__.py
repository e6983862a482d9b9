"""Projections of stock."""

from services.scm.stock.projections.stock import QUANTITIES, Stock
from services.scm.stock.projections.stock_quantities import StockQuantities

__all__ = ["QUANTITIES", "Stock", "StockQuantities"]
