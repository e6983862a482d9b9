"""Change of an item's terms; it may request purchases."""

from typing import Any

from services.scm.items.api import CommonItemFields, items
from services.scm.items.projections import Items
from services.scm.replenishment.commands import Replenishment
from shared.web import Reply, accepts, commands_getter, fields, resource_reply

replenishment = commands_getter(Replenishment)


class ChangeItem(CommonItemFields):
    """Request to change name, reorder levels or discontinuation of an item."""

    name = fields.Text()


@items.patch("/<sku>")
@accepts(ChangeItem)
def change_item(sku: str, body: dict[str, Any]) -> Reply:
    """Change the given fields of an item; its unit of measure is fixed. 200 with the item; 404 for an unknown SKU."""
    return resource_reply(Items, replenishment().change_item(sku, **body))
