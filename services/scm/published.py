"""Events that SCM publishes to the other services."""

from collections.abc import Iterable

from services.scm.domain.fulfilment import Fulfilment
from services.scm.domain.goods import GoodsLine
from services.scm.domain.goods_receipt import GoodsReceipt
from services.scm.domain.purchase_request import PurchaseRequest
from services.scm.domain.shipment import Shipment
from services.scm.domain.stock_count import StockCount
from shared.contracts import scm
from shared.policies import PublishedEvents

published = PublishedEvents()


@published.after(Fulfilment.StockReserved)
def stock_reserved(reserved: Fulfilment.StockReserved, fulfilment: Fulfilment) -> scm.StockReserved:
    """Publish the quantities reserved for the order in addition to earlier ones."""
    return scm.StockReserved(fulfilment.order_id, reserved.warehouse, _lines(reserved.lines))


@published.after(Fulfilment.StockShort)
def stock_short(short: Fulfilment.StockShort, fulfilment: Fulfilment) -> scm.StockShort:
    """Publish the quantities the order waits for."""
    return scm.StockShort(fulfilment.order_id, short.warehouse, _lines(short.lines))


@published.after(Fulfilment.Rejected)
def order_rejected(refused: Fulfilment.Rejected, fulfilment: Fulfilment) -> scm.OrderRejected:
    """Publish that the order was rejected, and why."""
    return scm.OrderRejected(fulfilment.order_id, refused.reason, refused.skus)


@published.after(Fulfilment.Amended)
def amendment_accepted(amended: Fulfilment.Amended, fulfilment: Fulfilment) -> scm.AmendmentAccepted:
    """Publish that the amended order is in force, with the quantities released."""
    return scm.AmendmentAccepted(fulfilment.order_id, amended.revision, _lines(amended.released))


@published.after(Fulfilment.AmendmentRefused)
def amendment_refused(refused: Fulfilment.AmendmentRefused, fulfilment: Fulfilment) -> scm.AmendmentRefused:
    """Publish that the order stays as it was, and why."""
    return scm.AmendmentRefused(fulfilment.order_id, refused.revision, refused.reason)


@published.after(Fulfilment.Cancelled)
def cancellation_granted(cancelled: Fulfilment.Cancelled, fulfilment: Fulfilment) -> scm.CancellationGranted:
    """Publish that the order is cancelled, with the quantities that will not be shipped."""
    return scm.CancellationGranted(fulfilment.order_id, cancelled.reason, _lines(cancelled.lines))


@published.after(Fulfilment.CancellationRefused)
def cancellation_refused(refused: Fulfilment.CancellationRefused, fulfilment: Fulfilment) -> scm.CancellationRefused:
    """Publish that it is too late to cancel the order."""
    return scm.CancellationRefused(fulfilment.order_id, refused.reason)


@published.after(Shipment.Dispatched)
def shipment_dispatched(dispatched: Shipment.Dispatched, shipment: Shipment) -> scm.ShipmentDispatched:
    """Publish the shipped quantities, the carrier and the tracking number."""
    departure = dispatched.dispatch
    return scm.ShipmentDispatched(
        shipment.id, shipment.order_id, shipment.customer_id, shipment.warehouse, departure.dispatched_on,
        departure.carrier, departure.tracking, _lines(dispatched.lines), dispatched.order_complete,
    )  # fmt: skip


@published.after(GoodsReceipt.Received)
def goods_received(received: GoodsReceipt.Received, receipt: GoodsReceipt) -> scm.GoodsReceived:
    """Publish the quantities received for a purchase order."""
    return scm.GoodsReceived(
        receipt.id, received.purchase_order_id, received.warehouse, received.received_on, _lines(received.lines)
    )


@published.after(GoodsReceipt.Reversed)
def goods_receipt_reversed(reversed_: GoodsReceipt.Reversed, receipt: GoodsReceipt) -> scm.GoodsReceiptReversed:
    """Publish that a receipt was reversed, and why."""
    return scm.GoodsReceiptReversed(
        receipt.id, receipt.purchase_order_id, receipt.warehouse, receipt.received_on, _lines(receipt.lines),
        reversed_.reason,
    )  # fmt: skip


@published.after(StockCount.Counted)
def stock_counted(counted: StockCount.Counted, count: StockCount) -> scm.StockCounted:
    """Publish the quantities counted at the end of a day."""
    lines = tuple(scm.CountedGoods(each.sku, each.quantity) for each in counted.lines)
    return scm.StockCounted(count.id, counted.warehouse, counted.counted_on, lines)


@published.after(PurchaseRequest.Raised)
def purchase_requested(raised: PurchaseRequest.Raised, request: PurchaseRequest) -> scm.PurchaseRequested:
    """Publish a request to buy goods that an order waits for or that fall below the reorder point."""
    return scm.PurchaseRequested(
        request.id, raised.sku, raised.warehouse, raised.quantity, raised.needed_on, raised.reason, raised.order_id
    )


def _lines(lines: Iterable[GoodsLine]) -> tuple[scm.GoodsLine, ...]:
    return tuple(scm.GoodsLine(each.line, each.sku, each.quantity) for each in lines)
