"""Stock counting: the stock of each item is set to what was counted."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID, uuid4

from services.scm.fulfilment.domain.reservation import record_allocations
from services.scm.items.domain.goods import BackorderAllocation
from services.scm.warehousing.domain.count_corrections import correct_count_difference
from services.scm.warehousing.domain.stock_count import CountedLine, StockCount
from services.scm.warehousing.domain.stock_item import StockItem, StockNotAvailable
from shared.domain import Aggregate, UnitOfWork, value_object
from shared.fields import Code, Lookup, QuantityOrZero


@value_object
class CountedItem:
    """One counted item and its quantity."""

    sku: Annotated[Code, Lookup("scm.items", "sku")]
    quantity: QuantityOrZero


def set_counted_stock(
    warehouse: str, counted_on: date, counted: Sequence[CountedItem], uow: UnitOfWork
) -> Iterator[Aggregate]:
    """Set the stock at the end of that day and allocate a surplus to backorders. Yields the count first."""
    count_id = uuid4()
    lines: list[CountedLine] = []
    shares: list[BackorderAllocation] = []
    changed: list[Aggregate] = []
    for position, each in enumerate(counted):
        stock = uow.get_or_create(StockItem, sku=each.sku, warehouse=warehouse)
        later = stock.daily_changes.count_after(counted_on)
        difference, found = _count_item(stock, count_id, counted_on, each.quantity, position)
        lines.append(CountedLine(each.sku, each.quantity, difference))
        shares += found
        changed += [stock, *correct_count_difference(later, each.sku, -difference, uow)]
    yield StockCount(warehouse, counted_on, tuple(lines), id=count_id)
    yield from changed
    yield from record_allocations(shares, uow)


def _count_item(
    stock: StockItem, count_id: UUID, counted_on: date, quantity: Decimal, position: int
) -> tuple[Decimal, list[BackorderAllocation]]:
    try:
        return stock.count(count_id, counted_on, quantity)
    except StockNotAvailable as refusal:
        raise StockNotAvailable(f"line {position + 1}: {refusal}", field=f"lines/{position}/quantity") from None
