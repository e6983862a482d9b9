"""Reservations: stock is reserved on credit approval, allocated on arrival, and released on cancellation."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from services.scm.fulfilment.domain.customer_order import CustomerOrder
from services.scm.fulfilment.domain.fulfilment import Fulfilment
from services.scm.fulfilment.settings import FulfilmentSettings
from services.scm.items.domain.goods import (
    BackorderAllocation,
    GoodsLine,
    add_by_line,
    group_lines_by_sku,
    without_empty_lines,
)
from services.scm.items.domain.item import Item
from services.scm.replenishment.domain.replenishment import replenish
from services.scm.shipping.domain.shipment import Shipment
from services.scm.warehousing.domain.stock_item import StockItem
from services.scm.warehousing.domain.warehouse import Warehouse, active_warehouses
from shared.domain import Aggregate, UnitOfWork


def reserve_stock(fulfilment: Fulfilment, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Reserve what is available once order and credit approval are there, and request the rest; or reject the order."""
    yield fulfilment
    if fulfilment.is_ready:
        yield from _reserve_or_refuse(fulfilment, uow)


def _reserve_or_refuse(fulfilment: Fulfilment, uow: UnitOfWork) -> Iterator[Aggregate]:
    warehouse = _warehouse_of(fulfilment.order, uow)
    unknown, deactivated = unavailable_skus(fulfilment.order.quantities_by_sku, uow)
    if warehouse is None:
        fulfilment.refuse("unknown_warehouse")
    elif not warehouse.is_active:
        fulfilment.refuse("deactivated_warehouse")
    elif unknown:
        fulfilment.refuse("unknown_item", unknown)
    elif deactivated:
        fulfilment.refuse("deactivated_item", deactivated)
    else:
        yield from _reserve(fulfilment, warehouse.key, uow)


def unavailable_skus(skus: Iterable[str], uow: UnitOfWork) -> tuple[list[str], list[str]]:
    """Return those of the SKUs that belong to no registered item, and those of deactivated items."""
    items = {sku: Item.get_by_key_or_none(uow, sku) for sku in skus}
    unknown = [sku for sku, item in items.items() if item is None]
    return unknown, [sku for sku, item in items.items() if item is not None and not item.is_active]


def _warehouse_of(order: CustomerOrder, uow: UnitOfWork) -> Warehouse | None:
    """Return the order's warehouse, else the firm's, else the first active one; None if it is not registered.

    A default warehouse of the firm that was deactivated serves no order any more.
    """
    if order.warehouse is not None:
        return Warehouse.get_by_key_or_none(uow, order.warehouse)
    code = uow.get_settings(FulfilmentSettings).default_warehouse
    default = None if code is None else Warehouse.get_by_key_or_none(uow, code)
    if code is None or (default is not None and not default.is_active):
        return next(active_warehouses(uow), None)
    return default


def _reserve(fulfilment: Fulfilment, warehouse: str, uow: UnitOfWork) -> Iterator[Aggregate]:
    order, wanted = fulfilment.order, fulfilment.order.quantities_by_sku
    stock = {sku: uow.get_or_create(StockItem, sku=sku, warehouse=warehouse) for sku in wanted}
    yield from stock.values()
    short = [sku for sku in wanted if stock[sku].available < wanted[sku]]
    if short and not order.backorder_allowed:
        return fulfilment.refuse("shortage", short)
    priority = (order.promised_on, order.ordered_on)
    taken = [stock[each.sku].reserve(fulfilment.order_id, each, *priority) for each in order.lines]
    reserved = without_empty_lines(taken)
    fulfilment.start(warehouse, reserved)
    if reserved:
        yield add_to_shipment(fulfilment, reserved, uow)
    for each in stock.values():
        yield from replenish(each, uow, fulfilment.order_id, order.required_on)


def add_to_shipment(fulfilment: Fulfilment, lines: tuple[GoodsLine, ...], uow: UnitOfWork) -> Shipment:
    """Return the order's open shipment with these goods added, or a new one with them."""
    shipment = get_open_shipment_or_none(fulfilment, uow)
    if shipment is not None:
        shipment.add(lines)
        return shipment
    return Shipment(
        order_id=fulfilment.order_id, ordinal=fulfilment.next_shipment_ordinal,
        customer_id=fulfilment.order.customer_id,
        warehouse=fulfilment.warehouse, lines=lines, ordered_on=fulfilment.order.ordered_on,
        order_number=fulfilment.order.number,
    )  # fmt: skip


def get_open_shipment_or_none(fulfilment: Fulfilment, uow: UnitOfWork) -> Shipment | None:
    """Return the shipment of the order that has not been dispatched yet, or None."""
    return uow.get_or_none(Shipment, Shipment.create_id(fulfilment.order_id, fulfilment.next_shipment_ordinal))


def record_allocations(allocations: Iterable[BackorderAllocation], uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record newly reserved goods on each order and its open shipment."""
    by_order: dict[UUID, tuple[GoodsLine, ...]] = {}
    for each in allocations:
        by_order[each.order_id] = add_by_line(by_order.get(each.order_id, ()), [each.goods])
    for order_id, lines in by_order.items():
        fulfilment = uow.get_or_create(Fulfilment, order_id=order_id)
        fulfilment.add_reserved(lines)
        yield fulfilment
        yield add_to_shipment(fulfilment, lines, uow)


def cancel_order(fulfilment: Fulfilment, reason: str, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Cancel what was not shipped and allocate its stock to other backorders."""
    unfinished = fulfilment.open_lines
    fulfilment.cancel(reason)
    yield fulfilment
    if unfinished:
        yield from _release_stock(fulfilment, unfinished, uow)


def _release_stock(fulfilment: Fulfilment, unfinished: Iterable[GoodsLine], uow: UnitOfWork) -> Iterator[Aggregate]:
    shipment = get_open_shipment_or_none(fulfilment, uow)
    if shipment is not None:
        shipment.cancel()
        yield shipment
    freed: list[BackorderAllocation] = []
    for sku, lines in group_lines_by_sku(unfinished).items():
        stock = uow.get_or_create(StockItem, sku=sku, warehouse=fulfilment.warehouse)
        freed += stock.release(fulfilment.order_id, [each.line for each in lines])
        yield stock
    yield from record_allocations(freed, uow)
