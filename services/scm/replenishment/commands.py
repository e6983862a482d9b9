"""Commands that may request purchases."""

from typing import Any

from services.scm.items.commands import Items
from services.scm.items.domain.item import Item
from services.scm.replenishment.domain.replenishment import replenish_all_warehouses
from shared.commands import Commands


class Replenishment(Commands):
    """Commands on replenishment: change the terms on which items are bought."""

    items: Items

    def change_item(self, sku: str, **terms: Any) -> Item:
        """Change the given fields: name, reorder_point, reorder_to (None removes either), discontinued.

        Requests purchases wherever the item has been in stock and is then below its reorder point.
        """
        known = self.items.get(sku)
        known.change(**terms)
        return self.uow.save(known, *replenish_all_warehouses(sku, self.uow))
