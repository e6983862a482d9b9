"""Commands on opening stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from services.scm.items.domain.item import Item
from services.scm.opening_stock.domain.opening_stock import OpeningStock, OpeningStockLine, Status
from services.scm.opening_stock.domain.stock_movements import add_to_stock, remove_from_stock, require_in_stock
from services.scm.replenishment.domain.replenishment import replenish_items
from services.scm.warehousing.domain.warehouse import Warehouse
from shared.commands import Commands
from shared.domain import InvalidInput, require_amount_in_currency, require_total_of_lines_within_maximum
from shared.fields import Code, EffectiveDate, LongText, Lookup, limits
from shared.money import Money


@dataclass(frozen=True, kw_only=True)
class RecordOpeningStock:
    """Request to record goods that were in a warehouse before all movements of a day."""

    warehouse: Annotated[Code, Lookup("scm.warehouses", "code")]
    opened_on: EffectiveDate
    lines: Annotated[tuple[OpeningStockLine, ...], limits(min=1)]


@dataclass(frozen=True, kw_only=True)
class ReverseOpeningStock:
    """Request to reverse an opening stock, with the reason."""

    reason: LongText
    effective_on: EffectiveDate | None = None


class OpeningStocks(Commands):
    """Commands on opening stock: record it with its value, and reverse a mistaken one."""

    def record(self, warehouse: str, opened_on: date, lines: Sequence[OpeningStockLine]) -> OpeningStock:
        """Record goods before all movements of a day and allocate them to backorders, oldest promise first.

        Raises InvalidInput for an unknown or deactivated warehouse or item, an item listed twice, a day in the future
        or a value in another currency than the firm's; AlreadyOpened for an item that has an opening stock there.
        """
        place = Warehouse.require_active(self.uow, warehouse, field="warehouse")
        if opened_on > place.local_date(datetime.now(UTC), self.firm):
            raise InvalidInput("opened_on must not be in the future", field="opened_on")
        self._require_valid_lines(lines)
        opening = OpeningStock(place.key, opened_on, tuple(lines))
        self.uow.save(opening, *add_to_stock(opening, self.uow))
        return self._replenish(opening)

    def reverse(self, opening_stock_id: UUID, reason: str) -> OpeningStock:
        """Reverse a mistaken opening stock, as if its goods had never been there, when a second person requests it.

        Raises WrongStatus once it is reversed, FourEyesRequired if the same person requests it twice,
        StockNotAvailable where the goods were shipped or are reserved.
        """
        opening = self.uow.get(OpeningStock, opening_stock_id)
        opening.reverse(reason, self.actor)
        if opening.status != Status.REVERSED:
            require_in_stock(opening, self.uow)
            return self.uow.save(opening)
        self.uow.save(opening, *remove_from_stock(opening, self.uow))
        return self._replenish(opening)

    def _replenish(self, opening: OpeningStock) -> OpeningStock:
        skus = [each.sku for each in opening.lines]
        return self.uow.save(opening, *replenish_items(skus, opening.warehouse, self.uow))

    def _require_valid_lines(self, lines: Sequence[OpeningStockLine]) -> None:
        Item.require_active_once(self.uow, [each.sku for each in lines])
        for place, each in enumerate(lines):
            require_amount_in_currency(self.firm.base_currency, each.value, f"lines/{place}/value")
        require_total_of_lines_within_maximum(Money.sum(each.value for each in lines))
