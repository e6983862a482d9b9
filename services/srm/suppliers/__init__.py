"""Suppliers: the firms that sell to us, on which terms, and what they are blocked for."""

from services.srm.suppliers import projections
from services.srm.suppliers.api import suppliers
from services.srm.suppliers.commands import Suppliers
from services.srm.suppliers.published import published
from services.srm.suppliers.settings import SuppliersSettings
from shared.module import Module

module = Module(
    "suppliers",
    commands=Suppliers,
    published=published,
    projections=(projections.Suppliers,),
    resources=(suppliers,),
    settings=SuppliersSettings,
)
