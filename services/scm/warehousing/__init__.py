"""Warehousing: the warehouses, and the stock, reservations, backorders and counts of each item in them."""

from services.scm.warehousing.api import warehouses
from services.scm.warehousing.commands import WarehouseCommands
from services.scm.warehousing.projections import Warehouses
from services.scm.warehousing.published import published
from shared.module import Module

module = Module(
    "warehousing",
    commands=WarehouseCommands,
    published=published,
    projections=(Warehouses,),
    resources=(warehouses,),
    requires=("items",),
)
