"""Projections of stock."""

from services.scm.stock.projections.stock import Stock
from services.scm.stock.projections.stock_by_day import QUANTITIES, StockByDay
from services.scm.stock.projections.stock_quantities import StockQuantities

__all__ = ["QUANTITIES", "Stock", "StockByDay", "StockQuantities"]
