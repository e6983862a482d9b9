"""Master data of items: items and units."""

from dataclasses import dataclass
from typing import Annotated

from services.scm.items.commands import ItemCommands
from services.scm.items.domain.item import Item
from shared.fields import Code, Kind, Text
from shared.master_data import master


@dataclass(frozen=True, kw_only=True)
class UnitEntry:
    """A unit of measure; its quantities should have up to `decimals` decimals, which is not checked yet."""

    code: Code
    name: Text
    decimals: Annotated[int, Kind("whole_number", {"max": 6})] = 0


units = master(UnitEntry, path="units", search=("code", "name"))
items = master(
    Item,
    path="items",
    search=("sku", "name"),
    commands=ItemCommands,
    without=("revise", "reactivate"),
    addressed_by_key=True,
)
