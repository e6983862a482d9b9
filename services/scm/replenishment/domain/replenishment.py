"""Replenishment: purchase requests for items whose projected stock is below the reorder point."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import count
from uuid import UUID

from services.scm.items.domain.item import ITEM_SKU, Item
from services.scm.replenishment.domain.purchase_request import PurchaseRequest
from services.scm.replenishment.domain.supply import Supply
from services.scm.warehousing.domain.stock_item import StockItem
from services.scm.warehousing.domain.warehouse import WAREHOUSE_ORDINAL, Warehouse
from shared.domain import Aggregate, UnitOfWork


def replenish(
    stock: StockItem, uow: UnitOfWork, order_id: UUID | None = None, needed_on: date | None = None
) -> Iterator[Aggregate]:
    """Request the purchase of what will be missing after all supply; `order_id` = the sales order that lacks it."""
    owner = uow.get_unique_owner(ITEM_SKU, stock.sku)
    supply = uow.get_or_none(Supply, Supply.create_id(stock.sku, stock.warehouse))
    projected = stock.unallocated + (supply.total if supply else Decimal(0))
    wanted = uow.get(Item, owner).reorder_quantity(projected) if owner else Decimal(0)
    if wanted:
        supply = supply or Supply(stock.sku, stock.warehouse)
        if projected < 0:
            yield _request(supply, wanted, "shortage", order_id, needed_on)
        else:
            yield _request(supply, wanted, "reorder")
        yield supply


def _request(
    supply: Supply, wanted: Decimal, reason: str, order_id: UUID | None = None, needed_on: date | None = None
) -> PurchaseRequest:
    request_id = supply.request_purchase(wanted)
    return PurchaseRequest(supply.sku, supply.warehouse, wanted, needed_on, reason, order_id, id=request_id)


def set_on_order_quantities(
    purchase_order_id: UUID, warehouse: str, open_quantities: Mapping[str, Decimal], uow: UnitOfWork
) -> Iterator[Aggregate]:
    """Set the quantities of a purchase order still to arrive, by SKU; zero removes an item."""
    for sku, quantity in open_quantities.items():
        supply = uow.get_or_create(Supply, sku=sku, warehouse=warehouse)
        supply.set_on_order(purchase_order_id, quantity)
        yield supply


def replenish_items(skus: Iterable[str], warehouse: str, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Request purchases of what will be missing of these items; those without stock in the warehouse are left out."""
    for sku in skus:
        stock = uow.get_or_none(StockItem, StockItem.create_id(sku, warehouse))
        if stock is not None:
            yield from replenish(stock, uow)


def replenish_all_warehouses(sku: str, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Request purchases of what will be missing of an item in each warehouse."""
    for ordinal in count(1):
        warehouse = uow.get_unique_owner(WAREHOUSE_ORDINAL, str(ordinal))
        if warehouse is None:
            return
        yield from replenish_items([sku], uow.get(Warehouse, warehouse).code, uow)


def remove_request(request_id: UUID, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Remove a purchase request from the supply: it is on order now, or never will be."""
    request = uow.get_or_none(PurchaseRequest, request_id)
    if request is not None:
        supply = uow.get_or_create(Supply, sku=request.sku, warehouse=request.warehouse)
        supply.close_request(request_id)
        yield supply
