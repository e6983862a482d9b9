"""Catalogue: what each supplier offers, and which supplier a purchase request is ordered from."""

from services.srm.catalogue.api import purchase_requests, supplier_items
from services.srm.catalogue.commands import Catalogue
from services.srm.catalogue.policies import policies
from services.srm.catalogue.projections import SupplierItems
from shared.module import Module

module = Module(
    "catalogue",
    commands=Catalogue,
    policies=policies,
    projections=(SupplierItems,),
    resources=(supplier_items, purchase_requests),
    requires=("suppliers", "requisitions", "purchase_orders"),
)
