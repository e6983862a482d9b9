"""Commands on stock counts."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.scm.counting.domain.stock_counting import set_counted_stock
from services.scm.items.domain.goods import ItemQuantity
from services.scm.items.domain.item import ITEM_SKU
from services.scm.replenishment.domain.replenishment import replenish_items
from services.scm.warehousing.domain.stock_count import StockCount
from services.scm.warehousing.domain.warehouse import WAREHOUSE_CODE
from shared.commands import Commands
from shared.domain import InvalidInput


class Counting(Commands):
    """Commands on stock counts: record them."""

    def count_stock(self, warehouse: str, counted_on: date, lines: Sequence[dict[str, Any]]) -> StockCount:
        """Record the stock at the end of a day and allocate a surplus to backorders, oldest promise first.

        Raises InvalidInput for an unknown warehouse or item, an item listed twice or a future day, StockNotAvailable if
        less than the reserved quantity would be left.
        """
        counted = [ItemQuantity(**each) for each in lines]
        self._require_countable(warehouse, counted_on, counted)
        count, *others = set_counted_stock(warehouse, counted_on, counted, self.uow)
        assert isinstance(count, StockCount)
        self.uow.save(count, *others)
        return self.uow.save(count, *replenish_items([each.sku for each in counted], warehouse, self.uow))

    def _require_countable(self, warehouse: str, counted_on: date, counted: Sequence[ItemQuantity]) -> None:
        if self.uow.get_unique_owner(WAREHOUSE_CODE, warehouse) is None:
            raise InvalidInput(f"unknown warehouse {warehouse}", field="warehouse")
        if counted_on > self.current_date:
            raise InvalidInput("counted_on must not be in the future", field="counted_on")
        seen = set[str]()
        for position, each in enumerate(counted):
            if self.uow.get_unique_owner(ITEM_SKU, each.sku) is None:
                raise InvalidInput(f"unknown item {each.sku}", field=f"lines/{position}/sku")
            if each.sku in seen:
                raise InvalidInput(f"{each.sku} is listed twice: list it once", field=f"lines/{position}/sku")
            seen.add(each.sku)
