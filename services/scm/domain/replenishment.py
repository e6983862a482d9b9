"""Replenishment: purchase requests for items whose projected stock is below the reorder point."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import count
from uuid import UUID

from services.scm.domain.expected_delivery import ExpectedDelivery
from services.scm.domain.fulfilment import Fulfilment
from services.scm.domain.goods import group_by_sku, total
from services.scm.domain.item import ITEM_SKU, Item
from services.scm.domain.purchase_request import PurchaseRequest
from services.scm.domain.stock_item import StockItem
from services.scm.domain.supply import Supply
from services.scm.domain.warehouse import WAREHOUSE_ORDINAL, Warehouse
from shared.domain import Aggregate, UnitOfWork


def replenish(stock: StockItem, uow: UnitOfWork, short: Fulfilment | None = None) -> Iterator[Aggregate]:
    """Request what will be missing after all supply has arrived; `short` = the sales order that lacks it."""
    owner = uow.get_unique_owner(ITEM_SKU, stock.sku)
    supply = uow.get_or_none(Supply, Supply.create_id(stock.sku, stock.warehouse))
    projected = stock.unallocated + (supply.total if supply else Decimal(0))
    wanted = uow.get(Item, owner).reorder_quantity(projected) if owner else Decimal(0)
    if wanted:
        supply = supply or Supply(stock.sku, stock.warehouse)
        yield _shortage_request(supply, wanted, short) if projected < 0 else _reorder_request(supply, wanted)
        yield supply


def _shortage_request(supply: Supply, wanted: Decimal, short: Fulfilment | None) -> PurchaseRequest:
    needed_on, order_id = (short.order.required_on, short.order_id) if short else (None, None)
    request_id = supply.request_purchase(wanted)
    return PurchaseRequest(supply.sku, supply.warehouse, wanted, needed_on, "shortage", order_id, id=request_id)


def _reorder_request(supply: Supply, wanted: Decimal) -> PurchaseRequest:
    return PurchaseRequest(
        supply.sku, supply.warehouse, wanted, None, "reorder", None, id=supply.request_purchase(wanted)
    )


def update_supply(delivery: ExpectedDelivery, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Set the quantities on order of the delivery's items."""
    still_open = group_by_sku(delivery.open_lines)
    for sku in sorted(delivery.skus):
        supply = uow.get_or_create(Supply, sku=sku, warehouse=delivery.warehouse)
        supply.set_on_order(delivery.purchase_order_id, total(still_open.get(sku, ())))
        yield supply


def review_items(skus: Iterable[str], warehouse: str, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Request what will be missing of these items; items that never had stock in the warehouse are left out."""
    for sku in skus:
        stock = uow.get_or_none(StockItem, StockItem.create_id(sku, warehouse))
        if stock is not None:
            yield from replenish(stock, uow)


def review_everywhere(sku: str, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Request what will be missing of an item in each warehouse."""
    for ordinal in count(1):
        warehouse = uow.get_unique_owner(WAREHOUSE_ORDINAL, str(ordinal))
        if warehouse is None:
            return
        yield from review_items([sku], uow.get(Warehouse, warehouse).code, uow)


def settle_request(request_id: UUID, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Remove a request from the supply: it is on order now, or never will be."""
    request = uow.get_or_none(PurchaseRequest, request_id)
    if request is not None:
        supply = uow.get_or_create(Supply, sku=request.sku, warehouse=request.warehouse)
        supply.close_request(request_id)
        yield supply
