"""Master data of the catalogue."""

from services.srm.catalogue.commands import SupplierItems
from services.srm.catalogue.domain.supplier_item import SupplierItem
from shared.master_data import master

supplier_items = master(
    SupplierItem, path="supplier-items", commands=SupplierItems, search=("sku",), fixed=("supplier_id", "sku")
)
