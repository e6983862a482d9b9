"""What CRM can report."""

from services.crm.reports.customers import Customers
from services.crm.reports.sales_orders import SalesOrders
from services.crm.reports.timeline import Timeline

reports = (Customers, SalesOrders, Timeline)

__all__ = ["Customers", "SalesOrders", "Timeline", "reports"]
