"""Commands that may request purchases."""

from services.scm.items.commands import Items
from services.scm.items.domain.item import Item, ItemEntry
from services.scm.replenishment.domain.replenishment import replenish_all_warehouses
from shared.commands import Commands
from shared.fields import Changes


class Replenishment(Commands):
    """Commands on replenishment: change the terms on which items are bought."""

    items: Items

    def change_item(self, sku: str, changes: Changes[ItemEntry]) -> Item:
        """Change the given fields of an item. Raises NotFound, InvalidInput.

        Requests purchases wherever the item has been in stock and is then below its reorder point.
        """
        commands = self.items.items
        item = commands.revise(commands.get(sku).id, changes)
        return self.uow.save(item, *replenish_all_warehouses(sku, self.uow))

    def reactivate_item(self, sku: str) -> Item:
        """Let new records refer to the item again, and request purchases as after a change."""
        commands = self.items.items
        item = commands.reactivate(commands.get(sku).id)
        return self.uow.save(item, *replenish_all_warehouses(sku, self.uow))
