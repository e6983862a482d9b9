"""What SCM can report."""

from services.scm.reports.carriers import Carriers
from services.scm.reports.goods_receipts import GoodsReceipts
from services.scm.reports.items import Items
from services.scm.reports.shipments import Shipments
from services.scm.reports.stock import Stock
from services.scm.reports.warehouses import Warehouses

reports = (Items, Warehouses, Carriers, Stock, GoodsReceipts, Shipments)

__all__ = ["Carriers", "GoodsReceipts", "Items", "Shipments", "Stock", "Warehouses", "reports"]
