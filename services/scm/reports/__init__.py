"""What SCM can report."""

from services.scm.reports.carriers import Carriers
from services.scm.reports.goods_receipts import GoodsReceipts
from services.scm.reports.items import Items
from services.scm.reports.shipments import Shipments
from services.scm.reports.stock import Stock
from services.scm.reports.stock_counts import StockCounts
from services.scm.reports.warehouses import Warehouses

reports = (Items, Warehouses, Carriers, Stock, GoodsReceipts, Shipments, StockCounts)

__all__ = ["Carriers", "GoodsReceipts", "Items", "Shipments", "Stock", "StockCounts", "Warehouses", "reports"]
