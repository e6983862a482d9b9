"""Dispatch: goods leave the stock together with the order and the shipment they belong to."""

from collections.abc import Iterator

from services.scm.fulfilment.domain.fulfilment import Fulfilment, Status
from services.scm.fulfilment.domain.reservation import add_to_shipment, record_allocations
from services.scm.items.domain.goods import BackorderAllocation, GoodsLine, group_lines_by_sku, subtract_by_line, total
from services.scm.shipping.domain.shipment import DispatchDetails, Shipment
from services.scm.warehousing.domain.count_corrections import correct_count_difference
from services.scm.warehousing.domain.stock_item import StockItem
from services.scm.warehousing.domain.stock_moment import StockMoment
from shared.domain import Aggregate, UnitOfWork


def dispatch(
    shipment: Shipment, leaving: tuple[GoodsLine, ...], moment: StockMoment, details: DispatchDetails, uow: UnitOfWork
) -> Iterator[Aggregate]:
    """Ship these goods; the rest of the shipment stays reserved for the order's next one."""
    staying = subtract_by_line(shipment.lines, leaving)
    fulfilment = uow.get_or_create(Fulfilment, order_id=shipment.order_id)
    fulfilment.ship(leaving)
    shipment.dispatch(leaving, *moment, details, complete=fulfilment.status == Status.SHIPPED)
    yield from (shipment, fulfilment)
    shares: list[BackorderAllocation] = []
    for sku, lines in group_lines_by_sku(leaving).items():
        stock = uow.get_or_create(StockItem, sku=sku, warehouse=shipment.warehouse)
        yield from correct_count_difference(stock.count_including(moment), sku, total(lines), uow)
        for line in lines:
            shares += stock.issue(shipment.order_id, line.line, line.quantity, moment)
        yield stock
    if staying:
        yield add_to_shipment(fulfilment, staying, uow)
    yield from record_allocations(shares, uow)
