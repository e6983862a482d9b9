"""Amendment of an order: reservations are reduced, and additional goods are reserved or backordered."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from services.scm.fulfilment.domain.customer_order import Amendment, CustomerOrder
from services.scm.fulfilment.domain.fulfilment import Fulfilment, Status
from services.scm.fulfilment.domain.reservation import (
    add_to_shipment,
    get_open_shipment_or_none,
    record_allocations,
    reserve_stock,
    unavailable_skus,
)
from services.scm.items.domain.goods import (
    BackorderAllocation,
    GoodsLine,
    excess_by_line,
    group_lines_by_sku,
    subtract_by_line,
    total,
)
from services.scm.replenishment.domain.replenishment import replenish
from services.scm.warehousing.domain.stock_item import StockItem
from services.scm.warehousing.domain.warehouse import Warehouse
from shared.domain import Aggregate, UnitOfWork


def reserve_or_amend(fulfilment: Fulfilment, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Reserve the goods, or amend the order, if that is due now."""
    yield from reserve_stock(fulfilment, uow)
    amendment = fulfilment.approved_amendment
    if amendment is not None and fulfilment.status == Status.WAITING:
        fulfilment.amend(amendment)
        yield from reserve_stock(fulfilment, uow)
    elif amendment is not None:
        yield from _decide_amendment(fulfilment, amendment, uow)


def _decide_amendment(fulfilment: Fulfilment, amendment: Amendment, uow: UnitOfWork) -> Iterator[Aggregate]:
    if reason := _reason_against_additions(fulfilment, amendment, uow):
        return fulfilment.refuse_amendment(reason)
    if not fulfilment.order.backorder_allowed and (short := list(_short_skus(fulfilment, amendment, uow))):
        return fulfilment.refuse_amendment(f"not enough {short[0]}")
    yield from _amend(fulfilment, amendment, uow)


def _reason_against_additions(fulfilment: Fulfilment, amendment: Amendment, uow: UnitOfWork) -> str | None:
    """Return why goods cannot be added to the order, if some are; those already promised may stay."""
    added = _added_skus(fulfilment.order, amendment)
    unknown, deactivated = unavailable_skus(added, uow)
    if unknown:
        return f"unknown item {unknown[0]}"
    if deactivated:
        return f"item {deactivated[0]} is deactivated"
    warehouse = Warehouse.get_by_key_or_none(uow, fulfilment.warehouse)
    closed = added and warehouse is not None and not warehouse.is_active
    return f"warehouse {fulfilment.warehouse} is deactivated" if closed else None


def _added_skus(order: CustomerOrder, amendment: Amendment) -> list[str]:
    """Return the items of which the order would contain more than before."""
    before, after = order.quantities_by_sku, replace(order, lines=amendment.lines).quantities_by_sku
    return [sku for sku in dict.fromkeys(each.sku for each in amendment.lines) if after[sku] > before.get(sku, 0)]


def _short_skus(fulfilment: Fulfilment, amendment: Amendment, uow: UnitOfWork) -> Iterator[str]:
    """Yield the items of which less is available than the amended order needs."""
    for sku, lines in group_lines_by_sku(subtract_by_line(amendment.lines, fulfilment.shipped)).items():
        stock = uow.get_or_none(StockItem, StockItem.create_id(sku, fulfilment.warehouse))
        reserved = total(each for each in fulfilment.reserved if each.sku == sku)
        if total(lines) > reserved + (stock.available if stock else 0):
            yield sku


def _amend(fulfilment: Fulfilment, amendment: Amendment, uow: UnitOfWork) -> Iterator[Aggregate]:
    lacked, shipment = fulfilment.missing_lines, get_open_shipment_or_none(fulfilment, uow)
    exchange = _exchange_stock(fulfilment, amendment, uow)
    yield from exchange.stocks
    fulfilment.amend(amendment, tuple(exchange.released))
    if shipment is not None:
        shipment.remove(tuple(exchange.released), whole=not fulfilment.unshipped)
        yield shipment
    if exchange.reserved:
        fulfilment.add_reserved(tuple(exchange.reserved))
        yield add_to_shipment(fulfilment, tuple(exchange.reserved), uow)
    if missing := excess_by_line(fulfilment.missing_lines, lacked):
        fulfilment.add_missing(missing)
    yield from record_allocations(exchange.allocations, uow)
    for each in exchange.stocks:
        yield from replenish(each, uow, fulfilment.order_id, fulfilment.order.required_on)


@dataclass
class AmendmentStockChanges:
    """Stock changes of an amendment: released by the order, reserved for it, allocated to other orders."""

    stocks: list[StockItem] = field(default_factory=list)
    released: list[GoodsLine] = field(default_factory=list)
    reserved: list[GoodsLine] = field(default_factory=list)
    allocations: list[BackorderAllocation] = field(default_factory=list)


def _exchange_stock(fulfilment: Fulfilment, amendment: Amendment, uow: UnitOfWork) -> AmendmentStockChanges:
    exchange = AmendmentStockChanges()
    amended = replace(fulfilment.order, lines=amendment.lines, required_on=amendment.required_on)
    for sku, lines in group_lines_by_sku(_changed_lines(fulfilment, amended)).items():
        stock = uow.get_or_create(StockItem, sku=sku, warehouse=fulfilment.warehouse)
        released, taken = stock.replace_reservations(
            fulfilment.order_id, lines, amended.promised_on, amended.ordered_on
        )
        exchange.stocks.append(stock)
        exchange.released += released
        exchange.reserved += taken
        exchange.allocations += stock.allocate_backorders()
    return exchange


def _changed_lines(fulfilment: Fulfilment, amended: CustomerOrder) -> Iterator[GoodsLine]:
    """Yield the quantity still to ship of each line that differs in it or in its queue position; 0 if removed."""
    before = {each.line: each for each in fulfilment.unshipped}
    after = {each.line: each for each in subtract_by_line(amended.lines, fulfilment.shipped)}
    turn_changes = amended.promised_on != fulfilment.order.promised_on
    for line, each in (before | after).items():
        if turn_changes or before.get(line) != after.get(line):
            yield after.get(line) or GoodsLine(line, each.sku, Decimal(0))
