"""Purchase orders: drafted, sent, revised and closed, and how far their goods have arrived."""

from services.srm.purchase_orders import projections
from services.srm.purchase_orders.api import purchase_orders
from services.srm.purchase_orders.commands import PurchaseOrders
from services.srm.purchase_orders.policies import policies
from services.srm.purchase_orders.published import published
from shared.module import Module

module = Module(
    "purchase_orders",
    commands=PurchaseOrders,
    policies=policies,
    published=published,
    projections=(projections.PurchaseOrders,),
    resources=(purchase_orders,),
    requires=("goods", "suppliers", "requisitions"),
)
