"""What others may hear of SCM, and in what words."""

from collections.abc import Iterable

from services.scm.domain.fulfilment import Fulfilment
from services.scm.domain.goods import GoodsLine
from services.scm.domain.goods_receipt import GoodsReceipt
from services.scm.domain.purchase_request import PurchaseRequest
from services.scm.domain.shipment import Shipment
from shared.contracts import scm
from shared.policy import Published

published = Published()


@published.after(Fulfilment.StockReserved)
def stock_reserved(reserved: Fulfilment.StockReserved, fulfilment: Fulfilment) -> scm.StockReserved:
    """What is held for the order now, beyond what was."""
    return scm.StockReserved(fulfilment.order_id, reserved.warehouse, _lines(reserved.lines))


@published.after(Fulfilment.StockShort)
def stock_short(short: Fulfilment.StockShort, fulfilment: Fulfilment) -> scm.StockShort:
    """What the order waits for."""
    return scm.StockShort(fulfilment.order_id, short.warehouse, _lines(short.lines))


@published.after(Fulfilment.Refused)
def order_refused(refused: Fulfilment.Refused, fulfilment: Fulfilment) -> scm.OrderRefused:
    """The order ends here, and why."""
    return scm.OrderRefused(fulfilment.order_id, refused.reason, refused.skus)


@published.after(Fulfilment.Cancelled)
def cancellation_granted(cancelled: Fulfilment.Cancelled, fulfilment: Fulfilment) -> scm.CancellationGranted:
    """The order is stopped, and what will not leave."""
    return scm.CancellationGranted(fulfilment.order_id, cancelled.reason, _lines(cancelled.lines))


@published.after(Fulfilment.CancellationRefused)
def cancellation_refused(refused: Fulfilment.CancellationRefused, fulfilment: Fulfilment) -> scm.CancellationRefused:
    """The goods had left before."""
    return scm.CancellationRefused(fulfilment.order_id, refused.reason)


@published.after(Shipment.Dispatched)
def shipment_dispatched(dispatched: Shipment.Dispatched, shipment: Shipment) -> scm.ShipmentDispatched:
    """What has left, for whom and how."""
    departure = dispatched.departure
    return scm.ShipmentDispatched(
        shipment.id, shipment.order_id, shipment.customer_id, shipment.warehouse, departure.dispatched_on,
        departure.carrier, departure.tracking, _lines(dispatched.lines), dispatched.complete,
    )  # fmt: skip


@published.after(GoodsReceipt.Received)
def goods_received(received: GoodsReceipt.Received, receipt: GoodsReceipt) -> scm.GoodsReceived:
    """What has arrived, and for which purchase order."""
    return scm.GoodsReceived(
        receipt.id, received.purchase_order_id, received.warehouse, received.received_on, _lines(received.lines)
    )


@published.after(PurchaseRequest.Raised)
def purchase_requested(raised: PurchaseRequest.Raised, request: PurchaseRequest) -> scm.PurchaseRequested:
    """What must be bought because an order waits for it."""
    return scm.PurchaseRequested(
        request.id, raised.sku, raised.warehouse, raised.quantity, raised.needed_on, "shortage", raised.order_id
    )


def _lines(lines: Iterable[GoodsLine]) -> tuple[scm.GoodsLine, ...]:
    return tuple(scm.GoodsLine(each.line, each.sku, each.quantity) for each in lines)
