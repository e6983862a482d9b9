"""Sales orders: drafted, placed, amended and cancelled here; other services report their progress."""

from services.crm.sales_orders import projections
from services.crm.sales_orders.api import sales_orders
from services.crm.sales_orders.commands import SalesOrders
from services.crm.sales_orders.policies import policies
from services.crm.sales_orders.published import published
from shared.module import Module

module = Module(
    "sales_orders",
    commands=SalesOrders,
    policies=policies,
    published=published,
    projections=(projections.SalesOrders,),
    resources=(sales_orders,),
    requires=("goods", "customers"),
)
