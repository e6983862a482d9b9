"""What is kept, bought and sold."""

from decimal import Decimal
from typing import Any

from services.scm.domain.item import Item
from shared.money import plain
from shared.report import Collection


class Items(Collection):
    """All items, by their SKU."""

    of = Item
    columns = {"sku": str, "name": str, "unit": str, "discontinued": bool}
    search = ("sku", "name")
    shows = {"reorder_point": Decimal, "reorder_to": Decimal}

    @staticmethod
    def row(item: Item) -> dict[str, Any]:
        return {
            "sku": item.sku,
            "name": item.name,
            "unit": item.unit,
            "reorder_point": _quantity(item.reorder_point),
            "reorder_to": _quantity(item.reorder_to),
            "discontinued": item.discontinued,
        }


def _quantity(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)
