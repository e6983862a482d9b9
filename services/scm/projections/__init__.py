"""Projections of SCM."""

from services.scm.projections.carriers import Carriers
from services.scm.projections.goods_receipts import GoodsReceipts
from services.scm.projections.items import Items
from services.scm.projections.shipments import Shipments
from services.scm.projections.stock import Stock
from services.scm.projections.stock_counts import StockCounts
from services.scm.projections.warehouses import Warehouses

reports = (Items, Warehouses, Carriers, Stock, GoodsReceipts, Shipments, StockCounts)

__all__ = ["Carriers", "GoodsReceipts", "Items", "Shipments", "Stock", "StockCounts", "Warehouses", "reports"]
