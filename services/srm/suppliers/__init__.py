"""Suppliers: the firms that sell to us, on which terms, and what they are blocked for."""

from services.srm.suppliers.api import suppliers
from services.srm.suppliers.published import published
from services.srm.suppliers.settings import SuppliersSettings
from shared.module import Module

module = Module("suppliers", published=published, master_data=(suppliers,), settings=SuppliersSettings)
