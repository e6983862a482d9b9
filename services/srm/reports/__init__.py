"""What SRM can report."""

from services.srm.reports.purchase_orders import PurchaseOrders
from services.srm.reports.purchase_requests import PurchaseRequests
from services.srm.reports.supplier_items import SupplierItems
from services.srm.reports.suppliers import Suppliers

reports = (Suppliers, SupplierItems, PurchaseOrders, PurchaseRequests)

__all__ = ["PurchaseOrders", "PurchaseRequests", "SupplierItems", "Suppliers", "reports"]
