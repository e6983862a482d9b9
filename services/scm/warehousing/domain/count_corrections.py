"""Corrections of stock counts: changes recorded after a count for a place before it."""

from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

from services.scm.warehousing.domain.stock_count import StockCount
from shared.domain import Aggregate, UnitOfWork


def correct_count_difference(count_id: UUID | None, sku: str, by: Decimal, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Correct the difference of an item in a count; changes nothing without a count or by zero."""
    if count_id is not None and by:
        count = uow.get(StockCount, count_id)
        count.correct(sku, by)
        yield count
