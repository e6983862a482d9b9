"""Commands on items."""

from services.scm.items.domain.goods import ZERO
from services.scm.items.domain.item import Item, ItemEntry
from services.scm.items.domain.unit import Unit
from shared.commands import Commands
from shared.master_data import MasterCommands


class ItemCommands(MasterCommands[Item]):
    """Commands on the records of items."""

    def check(self, entry: ItemEntry) -> None:
        """Refuse an order-up-to quantity below the reorder point, and quantities that its unit does not have."""
        entry.require_valid()
        if unit := Unit.get_measure_or_none(self.uow, entry.unit):
            for field in ("reorder_point", "reorder_to"):
                unit.require_divisible(getattr(entry, field) or ZERO, entry.sku, field=field)


class Items(Commands):
    """Commands of the module: those on its master data."""

    items: ItemCommands
