"""Commands on stock counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from services.scm.counting.domain.stock_counting import CountedItem, set_counted_stock
from services.scm.items.domain.item import Item
from services.scm.replenishment.domain.replenishment import replenish_items
from services.scm.warehousing.domain.moment_of_movement import moment_of_movement
from services.scm.warehousing.domain.stock_count import StockCount
from services.scm.warehousing.domain.warehouse import Warehouse
from shared.commands import Commands
from shared.domain import InvalidInput
from shared.fields import Code, EffectiveDate, Instant, Lookup, limits


@dataclass(frozen=True, kw_only=True)
class CountStock:
    """Request to record a stock count of a warehouse: what is there at an instant, by default now."""

    warehouse: Annotated[Code, Lookup("scm.warehouses", "code")]
    counted_on: EffectiveDate | None = None
    at: Instant | None = None
    lines: Annotated[tuple[CountedItem, ...], limits(min=1)]


class Counting(Commands):
    """Commands on stock counts: record them."""

    def count_stock(
        self,
        warehouse: str,
        counted_on: date | None,
        lines: Sequence[CountedItem],
        at: datetime | None = None,
    ) -> StockCount:
        """Record the stock at a moment and allocate a surplus to backorders, oldest promise first.

        Raises InvalidInput for an unknown warehouse or item, a deactivated item, an item listed twice, a moment in the
        future or a surplus in a deactivated warehouse, StockNotAvailable if less than the reserved quantity would be
        left.
        """
        place = Warehouse.get_by_key(self.uow, warehouse, field="warehouse")
        moment = moment_of_movement(place, counted_on, at, [each.sku for each in lines], self.uow, field="counted_on")
        self.uow.take_effect_on(moment.day, "at" if at else None)
        Item.require_active_once(self.uow, [each.sku for each in lines])
        count, *others = set_counted_stock(place.key, moment, lines, self.uow)
        assert isinstance(count, StockCount)
        self._require_place_for(count, place)
        self.uow.save(count, *others)
        return self.uow.save(count, *replenish_items([each.sku for each in lines], place.key, self.uow))

    def _require_place_for(self, count: StockCount, warehouse: Warehouse) -> None:
        """Refuse a surplus in a deactivated warehouse: its stock may be counted out, but gets no more."""
        if not warehouse.is_active and any(each.difference > 0 for each in count.lines):
            detail = f"warehouse {count.warehouse} is deactivated: reactivate it to count more than is on record"
            raise InvalidInput(detail, field="warehouse")
