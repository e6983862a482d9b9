"""Projections of SRM."""

from services.srm.projections.purchase_orders import PurchaseOrders
from services.srm.projections.purchase_requests import PurchaseRequests
from services.srm.projections.supplier_items import SupplierItems
from services.srm.projections.suppliers import Suppliers

reports = (Suppliers, SupplierItems, PurchaseOrders, PurchaseRequests)

__all__ = ["PurchaseOrders", "PurchaseRequests", "SupplierItems", "Suppliers", "reports"]
