"""Item: a product that is stocked, bought and sold."""

from decimal import Decimal
from typing import Any

from shared.domain import Aggregate, InvalidInput, event

ITEM_SKU = "item.sku"
"""Namespace in which an SKU identifies one item."""


class Item(Aggregate):
    """A product identified by its SKU, with one unit of measure. Discontinued items are not bought automatically."""

    @event("Registered")
    def __init__(self, sku: str, name: str, unit: str) -> None:
        self.sku = sku
        self.name = name
        self.unit = unit
        self.reorder_point: Decimal | None = None
        self.reorder_to: Decimal | None = None
        self.discontinued = False

    def change(self, **terms: Any) -> None:
        """Change the given fields: name, reorder_point, reorder_to, discontinued."""
        if (name := terms.get("name", self.name)) != self.name:
            self._renamed(name=name)
        self._set_reorder_point(
            terms.get("reorder_point", self.reorder_point), terms.get("reorder_to", self.reorder_to)
        )
        if (discontinued := terms.get("discontinued", self.discontinued)) != self.discontinued:
            if discontinued:
                self._discontinued()
            else:
                self._reinstated()

    def reorder_quantity(self, projected: Decimal) -> Decimal:
        """Return the quantity up to `reorder_to`, if projected stock is below the reorder point (default 0), else 0."""
        point = self.reorder_point or Decimal(0)
        if self.discontinued or projected >= point:
            return Decimal(0)
        up_to = point if self.reorder_point is None or self.reorder_to is None else self.reorder_to
        return up_to - projected

    def _set_reorder_point(self, point: Decimal | None, up_to: Decimal | None) -> None:
        if up_to is not None and up_to < (point or 0):
            raise InvalidInput("reorder_to must not be below reorder_point", field="reorder_to")
        if (point, up_to) != (self.reorder_point, self.reorder_to):
            self._reorder_point_changed(reorder_point=point, reorder_to=up_to)

    @event("Renamed")
    def _renamed(self, name: str) -> None:
        self.name = name

    @event("ReorderPointChanged")
    def _reorder_point_changed(self, reorder_point: Decimal | None, reorder_to: Decimal | None) -> None:
        self.reorder_point = reorder_point
        self.reorder_to = reorder_to

    @event("Discontinued")
    def _discontinued(self) -> None:
        self.discontinued = True

    @event("Reinstated")
    def _reinstated(self) -> None:
        self.discontinued = False
