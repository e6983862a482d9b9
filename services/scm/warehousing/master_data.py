"""Master data of warehousing: warehouses."""

from services.scm.warehousing.commands import WarehouseCommands
from services.scm.warehousing.domain.warehouse import Warehouse
from shared.master_data import master

warehouses = master(Warehouse, path="warehouses", search=("code", "name"), commands=WarehouseCommands)
