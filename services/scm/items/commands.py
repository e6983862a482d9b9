"""Commands on items."""

from typing import Any

from services.scm.items.domain.item import ITEM_SKU, Item
from shared.commands import Commands
from shared.domain import NotFound


class Items(Commands):
    """Commands on items: register them and return them by SKU."""

    def register(self, sku: str, name: str, unit: str, **terms: Any) -> Item:
        """Register an item with these `terms`: reorder_point, reorder_to, discontinued.

        Raises AlreadyTaken for an SKU in use.
        """
        new = Item(sku, name, unit)
        self.uow.reserve_unique(ITEM_SKU, sku, new.id)
        new.change(**terms)
        return self.uow.save(new)

    def get(self, sku: str) -> Item:
        """Return the item with this SKU. Raises NotFound."""
        item_id = self.uow.get_unique_owner(ITEM_SKU, sku)
        if item_id is None:
            raise NotFound("item", sku)
        return self.uow.get(Item, item_id)
