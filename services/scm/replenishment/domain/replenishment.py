"""Replenishment: purchase requests for items whose projected stock is below the reorder point."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.scm.items.domain.item import Item
from services.scm.replenishment.domain.purchase_request import PurchaseRequest
from services.scm.replenishment.domain.supply import Supply
from services.scm.warehousing.domain.stock_item import StockItem
from services.scm.warehousing.domain.warehouse import Warehouse, active_warehouses
from shared.domain import Aggregate, UnitOfWork


def replenish(
    stock: StockItem, uow: UnitOfWork, order_id: UUID | None = None, needed_on: date | None = None
) -> Iterator[Aggregate]:
    """Request the purchase of what will be missing after all supply; `order_id` = the sales order that lacks it."""
    supply = uow.get_or_none(Supply, Supply.create_id(stock.sku, stock.warehouse))
    projected = stock.unallocated + (supply.total if supply else Decimal(0))
    wanted = _wanted_quantity(stock, projected, uow)
    if wanted:
        supply = supply or Supply(stock.sku, stock.warehouse)
        if projected < 0:
            yield _request(supply, wanted, "shortage", order_id, needed_on)
        else:
            yield _request(supply, wanted, "reorder")
        yield supply


def _wanted_quantity(stock: StockItem, projected: Decimal, uow: UnitOfWork) -> Decimal:
    """Return the quantity to request: none of an item, or for a warehouse, that is not active."""
    item = Item.get_by_key_or_none(uow, stock.sku)
    if item is None:
        return Decimal(0)
    uow.require_unchanged(item)
    wanted = item.reorder_quantity(projected)
    warehouse = Warehouse.get_by_key_or_none(uow, stock.warehouse) if wanted else None
    return wanted if warehouse is not None and warehouse.is_active else Decimal(0)


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
    """Request purchases of what will be missing of an item in each active warehouse."""
    for warehouse in active_warehouses(uow):
        yield from replenish_items([sku], warehouse.key, uow)


def remove_request(request_id: UUID, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Remove a purchase request from the supply: it is on order now, or never will be."""
    request = uow.get_or_none(PurchaseRequest, request_id)
    if request is not None:
        supply = uow.get_or_create(Supply, sku=request.sku, warehouse=request.warehouse)
        supply.close_request(request_id)
        yield supply
