"""Projections of CRM."""

from services.crm.projections.customers import Customers
from services.crm.projections.sales_orders import SalesOrders
from services.crm.projections.timeline import Timeline

reports = (Customers, SalesOrders, Timeline)

__all__ = ["Customers", "SalesOrders", "Timeline", "reports"]
