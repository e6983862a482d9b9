"""Corrections of stock counts: changes recorded after a count for its day or an earlier one."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.scm.warehousing.domain.stock_count import StockCount
from services.scm.warehousing.domain.stock_item import StockItem
from shared.domain import Aggregate, UnitOfWork


def correct_later_count_difference(stock: StockItem, day: date, by: Decimal, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Correct the difference of the count that includes that day, if there is one."""
    yield from correct_count_difference(stock.daily_changes.count_covering(day), stock.sku, by, uow)


def correct_count_difference(count_id: UUID | None, sku: str, by: Decimal, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Correct the difference of an item in a count; changes nothing without a count or by zero."""
    if count_id is not None and by:
        count = uow.get(StockCount, count_id)
        count.correct(sku, by)
        yield count
