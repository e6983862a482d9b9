"""StockCount: what was found in a warehouse at the end of a day."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.domain import Aggregate, event, value


@value
class CountedLine:
    """How much of an item was there, and how much more (or less) than had been thought."""

    sku: str
    quantity: Decimal
    difference: Decimal


class StockCount(Aggregate):
    """An assertion: so much was there. Late news of the days before changes the difference, never what was counted."""

    @event("Counted")
    def __init__(
        self,
        warehouse: str,
        counted_on: date,
        lines: tuple[CountedLine, ...],
        id: UUID | None = None,  # noqa: A002 (the library's name)
    ) -> None:
        self.warehouse = warehouse
        self.counted_on = counted_on
        self.lines = lines

    def correct(self, sku: str, by: Decimal) -> None:
        """Something else than was thought had come or gone before the count."""
        self._difference_corrected(sku=sku, quantity_change=by)

    @event("DifferenceCorrected")
    def _difference_corrected(self, sku: str, quantity_change: Decimal) -> None:
        self.lines = tuple(
            replace(each, difference=each.difference + quantity_change) if each.sku == sku else each
            for each in self.lines
        )
