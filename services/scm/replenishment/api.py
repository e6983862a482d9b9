"""Commands on an item that may request purchases: its change and its reactivation."""

from services.scm.items.domain.item import ItemEntry
from services.scm.items.master_data import items
from services.scm.replenishment.commands import Replenishment
from shared.fields import Changes
from shared.web import Reply, accepts, commands_getter, resource_reply
from shared.web.declared import change_schema_of

replenishment = commands_getter(Replenishment)


@items.resource.patch("/<sku>")
@accepts(change_schema_of(ItemEntry, "ChangeItem", frozenset({"sku", "unit"})))
def change_item(sku: str, body: Changes[ItemEntry]) -> Reply:
    """Change the given fields of an item; its unit of measure is fixed. 200 with the item; 404 for an unknown SKU."""
    return resource_reply(items.projection, replenishment().change_item(sku, body))


@items.resource.post("/<sku>/reactivate", undo="deactivate")
def reactivate_item(sku: str) -> Reply:
    """Let new records refer to the item. 200 with the item, also when repeated."""
    return resource_reply(items.projection, replenishment().reactivate_item(sku))
