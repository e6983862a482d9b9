"""Stock count: the quantities in a warehouse at a moment."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from shared.domain import Aggregate, event, value_object


@value_object
class CountedLine:
    """The counted quantity of an item, and its difference from the quantity on record."""

    sku: str
    quantity: Decimal
    difference: Decimal


class StockCount(Aggregate):
    """A stock count: counted quantities never change; late movements before it correct the differences."""

    @event("Counted")
    def __init__(
        self,
        warehouse: str,
        counted_on: date,
        at: datetime,
        lines: tuple[CountedLine, ...],
        id: UUID | None = None,
    ) -> None:
        self.warehouse = warehouse
        self.counted_on = counted_on
        self.at = at
        self.lines = lines

    def correct(self, sku: str, by: Decimal) -> None:
        """Correct the difference of an item: a change before the count was recorded after it."""
        self._difference_corrected(sku=sku, quantity_change=by)

    @event("DifferenceCorrected")
    def _difference_corrected(self, sku: str, quantity_change: Decimal) -> None:
        self.lines = tuple(
            replace(each, difference=each.difference + quantity_change) if each.sku == sku else each
            for each in self.lines
        )
