"""Events of items that other services receive."""

from services.scm.items.domain.item import Item
from shared.contracts import scm
from shared.policies import PublishedEventMappings

published = PublishedEventMappings()


@published.after(Item.Registered, Item.Revised, Item.Deactivated, Item.Reactivated)
def item_changed(changed: Item.Event, item: Item) -> scm.ItemChanged:
    """Publish how an item stands now, so that other services know which items there are."""
    del changed
    return scm.ItemChanged(item.id, item.key, item.entry.name, item.entry.unit, item.is_active)
