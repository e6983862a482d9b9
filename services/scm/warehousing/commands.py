"""Commands on warehouses."""

from zoneinfo import available_timezones

from services.scm.warehousing.domain.warehouse import WAREHOUSE_CODE, WAREHOUSE_ORDINAL, Warehouse
from shared.commands import Commands
from shared.domain import InvalidInput


class WarehouseCommands(Commands):
    """Commands on warehouses: register them."""

    def register_warehouse(
        self, code: str, name: str, time_zone: str | None = None, negative_stock: bool = False
    ) -> Warehouse:
        """Register a warehouse; the first one serves orders that name none. Raises AlreadyTaken for a code in use."""
        if time_zone is not None and time_zone not in available_timezones():
            raise InvalidInput(f"unknown time zone {time_zone}: use an IANA name", field="time_zone")
        if negative_stock:
            raise InvalidInput("negative stock is not supported: use false", field="negative_stock")
        new = Warehouse(code, name, time_zone)
        self.uow.reserve_unique(WAREHOUSE_CODE, code, new.id)
        self.uow.reserve_unique(WAREHOUSE_ORDINAL, str(self.uow.next_number("warehouses")), new.id)
        return self.uow.save(new)
