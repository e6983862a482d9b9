"""Stock movements: stock changes together with the orders, shipments and counts it affects."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

from services.scm.domain.fulfilment import Fulfilment, Status
from services.scm.domain.goods import BackorderAllocation, GoodsLine, ItemQuantity, group_by_sku, subtract, total
from services.scm.domain.goods_receipt import GoodsReceipt
from services.scm.domain.reservation import add_to_shipment, record_allocations
from services.scm.domain.shipment import Dispatch, Shipment
from services.scm.domain.stock_count import CountedLine, StockCount
from services.scm.domain.stock_item import StockItem, StockNotAvailable
from shared.domain import Aggregate, UnitOfWork


def put_away(receipt: GoodsReceipt, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Add received goods to stock and allocate them to backorders."""
    shares: list[BackorderAllocation] = []
    for sku, lines in group_by_sku(receipt.lines).items():
        stock = uow.get_or_create(StockItem, sku=sku, warehouse=receipt.warehouse)
        yield from _correct_later_count(stock, receipt.received_on, -total(lines), uow)
        shares += stock.receive(receipt.id, total(lines), receipt.received_on)
        yield stock
    yield from record_allocations(shares, uow)


def reverse_receipt(receipt: GoodsReceipt, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Remove the goods of a reversed receipt from stock. Raises StockNotAvailable if they were shipped or reserved."""
    for sku, lines in group_by_sku(receipt.lines).items():
        stock = uow.get_or_create(StockItem, sku=sku, warehouse=receipt.warehouse)
        yield from _correct_later_count(stock, receipt.received_on, total(lines), uow)
        stock.reverse_receipt(receipt.id, total(lines), receipt.received_on)
        yield stock


def apply_stock_count(
    warehouse: str, counted_on: date, counted: Sequence[ItemQuantity], uow: UnitOfWork
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
        changed += [stock, *_record_correction(later, each.sku, -difference, uow)]
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


def _correct_later_count(stock: StockItem, day: date, by: Decimal, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Correct the difference of a count that includes that day."""
    yield from _record_correction(stock.daily_changes.count_covering(day), stock.sku, by, uow)


def _record_correction(count_id: UUID | None, sku: str, by: Decimal, uow: UnitOfWork) -> Iterator[Aggregate]:
    if count_id is not None and by:
        count = uow.get(StockCount, count_id)
        count.correct(sku, by)
        yield count


def dispatch(
    shipment: Shipment, leaving: tuple[GoodsLine, ...], departure: Dispatch, uow: UnitOfWork
) -> Iterator[Aggregate]:
    """Ship these goods; the rest of the shipment stays reserved for the order's next one."""
    staying = subtract(shipment.lines, leaving)
    fulfilment = uow.get_or_create(Fulfilment, order_id=shipment.order_id)
    fulfilment.ship(leaving)
    shipment.dispatch(leaving, departure, complete=fulfilment.status == Status.SHIPPED)
    yield from (shipment, fulfilment)
    shares: list[BackorderAllocation] = []
    for sku, lines in group_by_sku(leaving).items():
        stock = uow.get_or_create(StockItem, sku=sku, warehouse=shipment.warehouse)
        yield from _correct_later_count(stock, departure.dispatched_on, total(lines), uow)
        for line in lines:
            shares += stock.issue(shipment.order_id, line.line, line.quantity, departure.dispatched_on)
        yield stock
    if staying:
        yield add_to_shipment(fulfilment, staying, uow)
    yield from record_allocations(shares, uow)
