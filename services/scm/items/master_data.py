"""Master data of items: items and units."""

from services.scm.items.commands import ItemCommands
from services.scm.items.domain.item import Item
from services.scm.items.domain.unit import Unit
from shared.master_data import master

units = master(Unit, path="units", search=("code", "name"))
items = master(
    Item,
    path="items",
    search=("sku", "name"),
    commands=ItemCommands,
    without=("revise", "reactivate"),
    addressed_by_key=True,
)
