"""Events of items that other services receive."""

from services.scm.items.domain.item import Item
from services.scm.items.domain.unit import Unit
from shared.contracts import scm
from shared.policies import PublishedEventMappings

published = PublishedEventMappings()


@published.after(Item.Registered, Item.Revised, Item.Deactivated, Item.Reactivated)
def item_changed(changed: Item.Event, item: Item) -> scm.ItemChanged:
    """Publish how an item stands now, so that other services know which items there are."""
    del changed
    return scm.ItemChanged(item.id, item.key, item.entry.name, item.entry.unit, item.is_active)


@published.after(Unit.Registered, Unit.Revised, Unit.Deactivated, Unit.Reactivated)
def unit_changed(changed: Unit.Event, unit: Unit) -> scm.UnitChanged:
    """Publish how a unit stands now, so that other services know how finely its items are counted."""
    del changed
    return scm.UnitChanged(unit.id, unit.key, unit.entry.decimals, unit.is_active)
