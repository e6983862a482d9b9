"""How orders come by their goods: held when credit stands, shared out on arrival, given back when an order stops."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from services.scm.domain.fulfilment import Fulfilment
from services.scm.domain.goods import BackorderAllocation, GoodsLine, by_sku, plus, some
from services.scm.domain.item import SKU
from services.scm.domain.order import Order
from services.scm.domain.replenishment import replenish
from services.scm.domain.settings import Settings
from services.scm.domain.shipment import Shipment
from services.scm.domain.stock_item import StockItem
from services.scm.domain.warehouse import WAREHOUSE_CODE, WAREHOUSE_ORDINAL, Warehouse
from shared.domain import Aggregate, Find


def hold_the_goods(fulfilment: Fulfilment, find: Find) -> Iterator[Aggregate]:
    """Once order and credit are both known: hold what is there and ask for what is missing, or refuse the order."""
    yield fulfilment
    if fulfilment.ready:
        yield from _decide(fulfilment, find)


def _decide(fulfilment: Fulfilment, find: Find) -> Iterator[Aggregate]:
    warehouse = _warehouse(fulfilment.order, find)
    unknown = not_registered(fulfilment.order.wanted, find)
    if warehouse is None:
        fulfilment.refuse("unknown_warehouse")
    elif unknown:
        fulfilment.refuse("unknown_item", unknown)
    else:
        yield from _hold(fulfilment, warehouse, find)


def not_registered(skus: Iterable[str], find: Find) -> list[str]:
    return [sku for sku in skus if find.owner(SKU, sku) is None]


def _warehouse(order: Order, find: Find) -> str | None:
    """The order's warehouse, else the firm's, else the first one registered; None where nobody knows it."""
    named = order.warehouse or find.settings(Settings).default_warehouse
    if named is not None:
        return named if find.owner(WAREHOUSE_CODE, named) else None
    first = find.owner(WAREHOUSE_ORDINAL, "1")
    return find(Warehouse, first).code if first else None


def _hold(fulfilment: Fulfilment, warehouse: str, find: Find) -> Iterator[Aggregate]:
    order, wanted = fulfilment.order, fulfilment.order.wanted
    stock = {sku: find(StockItem, sku=sku, warehouse=warehouse) for sku in wanted}
    yield from stock.values()
    short = [sku for sku in wanted if stock[sku].available < wanted[sku]]
    if short and not order.backorder_allowed:
        return fulfilment.refuse("shortage", short)
    since = (order.promised_on, order.ordered_on)
    taken = [stock[each.sku].reserve(fulfilment.order_id, each, *since) for each in order.lines]
    held = some(taken)
    fulfilment.fill(warehouse, held)
    if held:
        yield pack(fulfilment, held, find)
    for each in stock.values():
        yield from replenish(each, find, fulfilment)


def pack(fulfilment: Fulfilment, lines: tuple[GoodsLine, ...], find: Find) -> Shipment:
    """The order's open shipment, with these goods in it."""
    shipment = open_shipment(fulfilment, find)
    if shipment is not None:
        shipment.add(lines)
        return shipment
    return Shipment(
        order_id=fulfilment.order_id, ordinal=fulfilment.next_shipment, customer_id=fulfilment.order.customer_id,
        warehouse=fulfilment.warehouse, lines=lines,
    )  # fmt: skip


def open_shipment(fulfilment: Fulfilment, find: Find) -> Shipment | None:
    return find.maybe(Shipment, Shipment.create_id(fulfilment.order_id, fulfilment.next_shipment))


def share_out(shares: Iterable[BackorderAllocation], find: Find) -> Iterator[Aggregate]:
    """Orders that waited have goods now: note it on each and pack them."""
    by_order: dict[UUID, tuple[GoodsLine, ...]] = {}
    for share in shares:
        by_order[share.order_id] = plus(by_order.get(share.order_id, ()), [share.goods])
    for order_id, lines in by_order.items():
        fulfilment = find(Fulfilment, order_id=order_id)
        fulfilment.hold_more(lines)
        yield fulfilment
        yield pack(fulfilment, lines, find)


def stop_the_order(fulfilment: Fulfilment, reason: str, find: Find) -> Iterator[Aggregate]:
    """Cancel what has not left, if anything: its goods go to whoever waits for them, nothing more will leave."""
    unfinished = fulfilment.unfinished
    fulfilment.cancel(reason)
    yield fulfilment
    if unfinished:
        yield from _give_back(fulfilment, unfinished, find)


def _give_back(fulfilment: Fulfilment, unfinished: Iterable[GoodsLine], find: Find) -> Iterator[Aggregate]:
    shipment = open_shipment(fulfilment, find)
    if shipment is not None:
        shipment.cancel()
        yield shipment
    freed: list[BackorderAllocation] = []
    for sku, lines in by_sku(unfinished).items():
        stock = find(StockItem, sku=sku, warehouse=fulfilment.warehouse)
        freed += stock.release(fulfilment.order_id, [each.line for each in lines])
        yield stock
    yield from share_out(freed, find)
