"""How goods come in and go out: the stock and everyone it concerns change together."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

from services.scm.domain.fulfilment import Fulfilment, Status
from services.scm.domain.goods import BackorderAllocation, Goods, GoodsLine, by_sku, minus, total
from services.scm.domain.goods_receipt import GoodsReceipt
from services.scm.domain.reservation import pack, share_out
from services.scm.domain.shipment import Dispatch, Shipment
from services.scm.domain.stock_count import CountedLine, StockCount
from services.scm.domain.stock_item import NotFree, StockItem
from shared.domain import Aggregate, Find


def put_away(receipt: GoodsReceipt, find: Find) -> Iterator[Aggregate]:
    """What has arrived is on hand; those who waited longest get theirs."""
    shares: list[BackorderAllocation] = []
    for sku, lines in by_sku(receipt.lines).items():
        stock = find(StockItem, sku=sku, warehouse=receipt.warehouse)
        yield from _corrected(stock, receipt.received_on, -total(lines), find)
        shares += stock.receive(receipt.id, total(lines), receipt.received_on)
        yield stock
    yield from share_out(shares, find)


def take_out_again(receipt: GoodsReceipt, find: Find) -> Iterator[Aggregate]:
    """What the receipt brought was never there. Refused with NotFree where it has left or is held for orders."""
    for sku, lines in by_sku(receipt.lines).items():
        stock = find(StockItem, sku=sku, warehouse=receipt.warehouse)
        yield from _corrected(stock, receipt.received_on, total(lines), find)
        stock.take_back(receipt.id, total(lines), receipt.received_on)
        yield stock


def take_stock(warehouse: str, counted_on: date, counted: Sequence[Goods], find: Find) -> Iterator[Aggregate]:
    """So much was there at the end of that day: the count first. What was found goes to those who waited longest."""
    count_id = uuid4()
    lines: list[CountedLine] = []
    shares: list[BackorderAllocation] = []
    changed: list[Aggregate] = []
    for position, each in enumerate(counted):
        stock = find(StockItem, sku=each.sku, warehouse=warehouse)
        later = stock.days.count_after(counted_on)
        difference, found = _counted(stock, count_id, counted_on, each.quantity, position)
        lines.append(CountedLine(each.sku, each.quantity, difference))
        shares += found
        changed += [stock, *_told(later, each.sku, -difference, find)]
    yield StockCount(warehouse, counted_on, tuple(lines), id=count_id)
    yield from changed
    yield from share_out(shares, find)


def _counted(
    stock: StockItem, count_id: UUID, counted_on: date, quantity: Decimal, position: int
) -> tuple[Decimal, list[BackorderAllocation]]:
    try:
        return stock.count(count_id, counted_on, quantity)
    except NotFree as refusal:
        raise NotFree(f"line {position + 1}: {refusal}", field=f"lines/{position}/quantity") from None


def _corrected(stock: StockItem, day: date, by: Decimal, find: Find) -> Iterator[Aggregate]:
    """A count that saw what happened on that day differs by so much more than was thought."""
    yield from _told(stock.days.count_of(day), stock.sku, by, find)


def _told(count_id: UUID | None, sku: str, by: Decimal, find: Find) -> Iterator[Aggregate]:
    if count_id is not None and by:
        count = find(StockCount, count_id)
        count.correct(sku, by)
        yield count


def dispatch(
    shipment: Shipment, leaving: tuple[GoodsLine, ...], departure: Dispatch, find: Find
) -> Iterator[Aggregate]:
    """These goods leave; the rest of the shipment stays, held for the order's next one."""
    staying = minus(shipment.lines, leaving)
    fulfilment = find(Fulfilment, order_id=shipment.order_id)
    fulfilment.ship(leaving)
    shipment.dispatch(leaving, departure, complete=fulfilment.status == Status.SHIPPED)
    yield from (shipment, fulfilment)
    shares: list[BackorderAllocation] = []
    for sku, lines in by_sku(leaving).items():
        stock = find(StockItem, sku=sku, warehouse=shipment.warehouse)
        yield from _corrected(stock, departure.dispatched_on, total(lines), find)
        for line in lines:
            shares += stock.issue(shipment.order_id, line.line, line.quantity, departure.dispatched_on)
        yield stock
    if staying:
        yield pack(fulfilment, staying, find)
    yield from share_out(shares, find)
