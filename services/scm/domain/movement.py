"""How goods come in and go out: the stock and everyone it concerns change together."""

from collections.abc import Iterator

from services.scm.domain.fulfilment import Fulfilment, Status
from services.scm.domain.goods import GoodsLine, Share, by_sku, minus, total
from services.scm.domain.goods_receipt import GoodsReceipt
from services.scm.domain.reservation import pack, share_out
from services.scm.domain.shipment import Departure, Shipment
from services.scm.domain.stock_item import StockItem
from shared.domain import Aggregate, Find


def put_away(receipt: GoodsReceipt, find: Find) -> Iterator[Aggregate]:
    """What has arrived is on hand; those who waited longest get theirs."""
    shares: list[Share] = []
    for sku, lines in by_sku(receipt.lines).items():
        stock = find(StockItem, sku=sku, warehouse=receipt.warehouse)
        shares += stock.receive(receipt.id, total(lines))
        yield stock
    yield from share_out(shares, find)


def dispatch(
    shipment: Shipment, leaving: tuple[GoodsLine, ...], departure: Departure, find: Find
) -> Iterator[Aggregate]:
    """These goods leave; the rest of the shipment stays, held for the order's next one."""
    staying = minus(shipment.lines, leaving)
    fulfilment = find(Fulfilment, order_id=shipment.order_id)
    fulfilment.ship(leaving)
    shipment.dispatch(leaving, departure, complete=fulfilment.status == Status.SHIPPED)
    yield from (shipment, fulfilment)
    for sku, lines in by_sku(leaving).items():
        stock = find(StockItem, sku=sku, warehouse=shipment.warehouse)
        for line in lines:
            stock.issue(shipment.order_id, line.line, line.quantity)
        yield stock
    if staying:
        yield pack(fulfilment, staying, find)
