"""Catalogue: what each supplier offers, and which supplier a purchase request is ordered from."""

from services.srm.catalogue.api import purchase_requests
from services.srm.catalogue.commands import Catalogue
from services.srm.catalogue.master_data import supplier_items
from services.srm.catalogue.policies import policies
from shared.module import Module

module = Module(
    "catalogue",
    commands=Catalogue,
    policies=policies,
    resources=(purchase_requests,),
    master_data=(supplier_items,),
    requires=("goods", "suppliers", "requisitions", "purchase_orders"),
)
