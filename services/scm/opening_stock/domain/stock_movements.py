"""Stock movements of opening stock: its goods enter the stock, those of a reversed one leave it."""

from collections.abc import Iterator

from services.scm.fulfilment.domain.reservation import record_allocations
from services.scm.items.domain.goods import BackorderAllocation
from services.scm.opening_stock.domain.opening_stock import OpeningStock, OpeningStockLine
from services.scm.warehousing.domain.count_corrections import correct_count_difference
from services.scm.warehousing.domain.stock_item import AlreadyOpened, StockItem
from services.scm.warehousing.domain.stock_moment import StockMoment
from shared.domain import Aggregate, UnitOfWork


def add_to_stock(opening: OpeningStock, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Add the goods to stock and allocate them to backorders. Raises AlreadyOpened, naming the line."""
    shares: list[BackorderAllocation] = []
    for place, each in enumerate(opening.lines):
        stock = uow.get_or_create(StockItem, sku=each.sku, warehouse=opening.warehouse)
        counted_in = stock.count_including(StockMoment.first_of(opening.opened_on))
        yield from correct_count_difference(counted_in, each.sku, -each.quantity, uow)
        shares += _add_line(stock, opening, each, place)
        yield stock
    yield from record_allocations(shares, uow)


def require_in_stock(opening: OpeningStock, uow: UnitOfWork) -> None:
    """Require that the goods can be removed from stock. Raises StockNotAvailable, naming the item."""
    for each in opening.lines:
        stock = uow.get_or_create(StockItem, sku=each.sku, warehouse=opening.warehouse)
        stock.require_reversible(opening.id, each.quantity)


def remove_from_stock(opening: OpeningStock, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Remove the goods from stock. Raises StockNotAvailable, naming the item, if they were shipped or reserved."""
    for each in opening.lines:
        stock = uow.get_or_create(StockItem, sku=each.sku, warehouse=opening.warehouse)
        counted_in = stock.count_including_document(opening.id)
        yield from correct_count_difference(counted_in, each.sku, each.quantity, uow)
        stock.reverse_opening_stock(opening.id, each.quantity)
        yield stock


def _add_line(stock: StockItem, opening: OpeningStock, line: OpeningStockLine, place: int) -> list[BackorderAllocation]:
    try:
        return stock.add_opening_stock(opening.id, line.quantity, opening.opened_on)
    except AlreadyOpened as refusal:
        raise AlreadyOpened(f"line {place + 1}: {refusal}", field=f"lines/{place}/sku") from None
