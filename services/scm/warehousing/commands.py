"""Commands on warehouses."""

from services.scm.warehousing.domain.warehouse import WAREHOUSE_ORDINAL, Warehouse, WarehouseEntry
from shared.master_data import MasterCommands


class WarehouseCommands(MasterCommands[Warehouse]):
    """Commands on the records of warehouses."""

    def register(self, entry: WarehouseEntry) -> Warehouse:
        """Register a warehouse; the first active one serves orders that name none."""
        warehouse = super().register(entry)
        self.uow.reserve_unique(WAREHOUSE_ORDINAL, str(self.uow.next_number("warehouses")), warehouse.id)
        return warehouse
