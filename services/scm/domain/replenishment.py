"""How an item is bought in time: asked for when less will be there than its reorder point says."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import count
from uuid import UUID

from services.scm.domain.expected_delivery import ExpectedDelivery
from services.scm.domain.fulfilment import Fulfilment
from services.scm.domain.goods import by_sku, total
from services.scm.domain.item import SKU, Item
from services.scm.domain.purchase_request import PurchaseRequest
from services.scm.domain.stock_item import StockItem
from services.scm.domain.supply import Supply
from services.scm.domain.warehouse import WAREHOUSE_ORDINAL, Warehouse
from shared.domain import Aggregate, Find


def replenish(stock: StockItem, find: Find, short: Fulfilment | None = None) -> Iterator[Aggregate]:
    """Ask for what will be missing when all that is on order or asked for is here; `short` = the order it is for."""
    owner = find.owner(SKU, stock.sku)
    supply = find.maybe(Supply, Supply.create_id(stock.sku, stock.warehouse))
    there = stock.free + (supply.total if supply else Decimal(0))
    wanted = find(Item, owner).lacking(there) if owner else Decimal(0)
    if wanted:
        supply = supply or Supply(stock.sku, stock.warehouse)
        yield _shortage(supply, wanted, short) if there < 0 else _reorder(supply, wanted)
        yield supply


def _shortage(supply: Supply, wanted: Decimal, short: Fulfilment | None) -> PurchaseRequest:
    needed_on, order_id = (short.order.required_on, short.order_id) if short else (None, None)
    request_id = supply.ask(wanted)
    return PurchaseRequest(supply.sku, supply.warehouse, wanted, needed_on, "shortage", order_id, id=request_id)


def _reorder(supply: Supply, wanted: Decimal) -> PurchaseRequest:
    return PurchaseRequest(supply.sku, supply.warehouse, wanted, None, "reorder", None, id=supply.ask(wanted))


def follow(delivery: ExpectedDelivery, find: Find) -> Iterator[Aggregate]:
    """Know what is on order of each item, as the delivery now stands."""
    still_open = by_sku(delivery.open)
    for sku in sorted(delivery.skus):
        supply = find(Supply, sku=sku, warehouse=delivery.warehouse)
        supply.expect(delivery.purchase_order_id, total(still_open.get(sku, ())))
        yield supply


def review(skus: Iterable[str], warehouse: str, find: Find) -> Iterator[Aggregate]:
    """Ask for what will be missing of these items; one that was never there is not kept up."""
    for sku in skus:
        stock = find.maybe(StockItem, StockItem.create_id(sku, warehouse))
        if stock is not None:
            yield from replenish(stock, find)


def review_everywhere(sku: str, find: Find) -> Iterator[Aggregate]:
    """Ask for what will be missing of an item in each warehouse."""
    for ordinal in count(1):
        warehouse = find.owner(WAREHOUSE_ORDINAL, str(ordinal))
        if warehouse is None:
            return
        yield from review([sku], find(Warehouse, warehouse).code, find)


def settle(request_id: UUID, find: Find) -> Iterator[Aggregate]:
    """A request is on order now, or never will be."""
    request = find.maybe(PurchaseRequest, request_id)
    if request is not None:
        supply = find(Supply, sku=request.sku, warehouse=request.warehouse)
        supply.settle(request_id)
        yield supply
