"""Projection of items."""

from decimal import Decimal
from typing import Any

from services.scm.items.domain.item import Item
from shared.money import plain_number
from shared.projections import ResourceProjection


class Items(ResourceProjection):
    """All items, identified by SKU."""

    aggregate_class = Item
    columns = {"sku": str, "name": str, "unit": str, "discontinued": bool}
    search = ("sku", "name")
    extra_fields = {"reorder_point": Decimal, "reorder_to": Decimal}

    @staticmethod
    def to_row(item: Item) -> dict[str, Any]:
        return {
            "sku": item.sku,
            "name": item.name,
            "unit": item.unit,
            "reorder_point": _quantity(item.reorder_point),
            "reorder_to": _quantity(item.reorder_to),
            "discontinued": item.discontinued,
        }


def _quantity(number: Decimal | None) -> str | None:
    return None if number is None else plain_number(number)
