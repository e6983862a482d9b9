"""Commands on items."""

from services.scm.items.domain.item import Item, ItemEntry
from shared.commands import Commands
from shared.master_data import MasterCommands


class ItemCommands(MasterCommands[Item]):
    """Commands on the records of items."""

    def check(self, entry: ItemEntry) -> None:
        """Refuse an order-up-to quantity below the reorder point."""
        entry.require_valid()


class Items(Commands):
    """Commands of the module: those on its master data."""

    items: ItemCommands
