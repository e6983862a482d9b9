"""Item: a product that is stocked, bought and sold."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from services.scm.items.domain.unit import Unit
from shared.domain import InvalidInput, MasterRecord, UnitOfMeasure, UnitOfWork
from shared.fields import Code, Lookup, QuantityOrZero, Text, limits

ITEM_BY_SKU, UNIT_BY_CODE = Lookup("scm.items", "sku"), Lookup("scm.units", "code")
"""Mark the fields that name an item, and the unit of one."""


@dataclass(frozen=True, kw_only=True)
class ItemEntry:
    """A product and the terms on which it is bought. Its unit is free text: it need not be a registered unit."""

    sku: Code
    name: Text
    unit: Annotated[Text, limits(max=40), UNIT_BY_CODE]
    reorder_point: QuantityOrZero | None = None
    reorder_to: QuantityOrZero | None = None
    discontinued: bool = False

    def require_valid(self) -> None:
        """Raises InvalidInput unless the order-up-to quantity is at least the reorder point."""
        if self.reorder_to is not None and self.reorder_to < (self.reorder_point or 0):
            raise InvalidInput("reorder_to must not be below reorder_point", field="reorder_to")


class Item(MasterRecord[ItemEntry], key="sku"):
    """A product identified by its SKU, with one unit of measure. Discontinued items are not bought automatically."""

    @classmethod
    def require_active_once(cls, uow: UnitOfWork, skus: Sequence[str]) -> None:
        """Require active items, each listed once. Raises InvalidInput, naming the line."""
        seen = set[str]()
        for position, sku in enumerate(skus):
            field = f"lines/{position}/sku"
            cls.require_active(uow, sku, field=field)
            if sku in seen:
                raise InvalidInput(f"{sku} is listed twice: list it once", field=field)
            seen.add(sku)

    def reorder_quantity(self, projected: Decimal) -> Decimal:
        """Return the quantity up to `reorder_to`, if projected stock is below the reorder point (default 0), else 0."""
        entry, point = self.entry, self.entry.reorder_point or Decimal(0)
        if not self.is_active or entry.discontinued or projected >= point:
            return Decimal(0)
        up_to = point if entry.reorder_point is None or entry.reorder_to is None else entry.reorder_to
        return up_to - projected


def unit_of(uow: UnitOfWork, lookup: Lookup, key: str) -> UnitOfMeasure | None:
    """Return the unit of the item, or the unit itself, that a field names; none for other fields and unknown units."""
    item = Item.get_by_key_or_none(uow, key) if lookup == ITEM_BY_SKU else None
    unit = item.entry.unit if item else key if lookup == UNIT_BY_CODE else None
    return Unit.get_measure_or_none(uow, unit) if unit else None
