"""Item: what is kept, bought and sold."""

from decimal import Decimal
from typing import Any

from shared.domain import Aggregate, InvalidInput, event

SKU = "item.sku"
"""Under this name an SKU belongs to one item."""


class Item(Aggregate):
    """An article by its SKU, counted in one unit. Discontinued = not bought automatically any more."""

    @event("Registered")
    def __init__(self, sku: str, name: str, unit: str) -> None:
        self.sku = sku
        self.name = name
        self.unit = unit
        self.reorder_point: Decimal | None = None
        self.reorder_to: Decimal | None = None
        self.discontinued = False

    def change(self, **terms: Any) -> None:
        """What is given is different from now on: name, reorder_point, reorder_to, discontinued."""
        if (name := terms.get("name", self.name)) != self.name:
            self._renamed(name=name)
        self._reorder(terms.get("reorder_point", self.reorder_point), terms.get("reorder_to", self.reorder_to))
        if (discontinued := terms.get("discontinued", self.discontinued)) != self.discontinued:
            if discontinued:
                self._discontinued()
            else:
                self._reinstated()

    def lacking(self, there: Decimal) -> Decimal:
        """How much is to be bought where so much will be there: once below the reorder point, what is lacking up to
        `reorder_to`; without a reorder point, what orders wait for. Nothing of what is bought no more."""
        point = self.reorder_point or Decimal(0)
        if self.discontinued or there >= point:
            return Decimal(0)
        up_to = point if self.reorder_point is None or self.reorder_to is None else self.reorder_to
        return up_to - there

    def _reorder(self, point: Decimal | None, up_to: Decimal | None) -> None:
        if up_to is not None and up_to < (point or 0):
            raise InvalidInput("reorder_to is below reorder_point", field="reorder_to")
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
