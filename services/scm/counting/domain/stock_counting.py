"""Stock counting: the stock of each item is set to what was counted."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID, uuid4

from services.scm.fulfilment.domain.reservation import record_allocations
from services.scm.items.domain.goods import BackorderAllocation
from services.scm.warehousing.domain.count_corrections import correct_count_difference
from services.scm.warehousing.domain.stock_count import CountedLine, StockCount
from services.scm.warehousing.domain.stock_item import StockItem, StockNotAvailable
from services.scm.warehousing.domain.stock_moment import StockMoment
from shared.domain import Aggregate, UnitOfWork, value_object
from shared.fields import Code, Lookup, QuantityOrZero


@value_object
class CountedItem:
    """One counted item and its quantity."""

    sku: Annotated[Code, Lookup("scm.items", "sku")]
    quantity: QuantityOrZero


def set_counted_stock(
    warehouse: str, moment: StockMoment, counted: Sequence[CountedItem], uow: UnitOfWork
) -> Iterator[Aggregate]:
    """Set the stock at that moment and allocate a surplus to backorders. Yields the count first."""
    count_id = uuid4()
    lines: list[CountedLine] = []
    shares: list[BackorderAllocation] = []
    changed: list[Aggregate] = []
    for position, each in enumerate(counted):
        stock = uow.get_or_create(StockItem, sku=each.sku, warehouse=warehouse)
        later = stock.count_including(moment)
        difference, found = _count_item(stock, count_id, moment, each.quantity, position)
        lines.append(CountedLine(each.sku, each.quantity, difference))
        shares += found
        changed += [stock, *correct_count_difference(later, each.sku, -difference, uow)]
    yield StockCount(warehouse, *moment, tuple(lines), id=count_id)
    yield from changed
    yield from record_allocations(shares, uow)


def _count_item(
    stock: StockItem, count_id: UUID, moment: StockMoment, quantity: Decimal, position: int
) -> tuple[Decimal, list[BackorderAllocation]]:
    try:
        return stock.count(count_id, moment, quantity)
    except StockNotAvailable as refusal:
        raise StockNotAvailable(f"line {position + 1}: {refusal}", field=f"lines/{position}/quantity") from None
