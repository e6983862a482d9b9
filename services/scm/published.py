"""What others may hear of SCM, and in what words."""

from collections.abc import Iterable

from services.scm.domain.fulfilment import Fulfilment
from services.scm.domain.goods import GoodsLine
from services.scm.domain.goods_receipt import GoodsReceipt
from services.scm.domain.purchase_request import PurchaseRequest
from services.scm.domain.shipment import Shipment
from services.scm.domain.stock_count import StockCount
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


@published.after(Fulfilment.Rejected)
def order_refused(refused: Fulfilment.Rejected, fulfilment: Fulfilment) -> scm.OrderRejected:
    """The order ends here, and why."""
    return scm.OrderRejected(fulfilment.order_id, refused.reason, refused.skus)


@published.after(Fulfilment.Amended)
def amendment_accepted(amended: Fulfilment.Amended, fulfilment: Fulfilment) -> scm.AmendmentAccepted:
    """The order is another one from now on, and what of its goods is free."""
    return scm.AmendmentAccepted(fulfilment.order_id, amended.revision, _lines(amended.released))


@published.after(Fulfilment.AmendmentRefused)
def amendment_refused(refused: Fulfilment.AmendmentRefused, fulfilment: Fulfilment) -> scm.AmendmentRefused:
    """The order stays what it was, and why."""
    return scm.AmendmentRefused(fulfilment.order_id, refused.revision, refused.reason)


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
    departure = dispatched.dispatch
    return scm.ShipmentDispatched(
        shipment.id, shipment.order_id, shipment.customer_id, shipment.warehouse, departure.dispatched_on,
        departure.carrier, departure.tracking, _lines(dispatched.lines), dispatched.order_complete,
    )  # fmt: skip


@published.after(GoodsReceipt.Received)
def goods_received(received: GoodsReceipt.Received, receipt: GoodsReceipt) -> scm.GoodsReceived:
    """What has arrived, and for which purchase order."""
    return scm.GoodsReceived(
        receipt.id, received.purchase_order_id, received.warehouse, received.received_on, _lines(received.lines)
    )


@published.after(GoodsReceipt.Reversed)
def goods_receipt_reversed(reversed_: GoodsReceipt.Reversed, receipt: GoodsReceipt) -> scm.GoodsReceiptReversed:
    """What has not arrived after all."""
    return scm.GoodsReceiptReversed(
        receipt.id, receipt.purchase_order_id, receipt.warehouse, receipt.received_on, _lines(receipt.lines),
        reversed_.reason,
    )  # fmt: skip


@published.after(StockCount.Counted)
def stock_counted(counted: StockCount.Counted, count: StockCount) -> scm.StockCounted:
    """What was there at the end of a day."""
    lines = tuple(scm.CountedGoods(each.sku, each.quantity) for each in counted.lines)
    return scm.StockCounted(count.id, counted.warehouse, counted.counted_on, lines)


@published.after(PurchaseRequest.Raised)
def purchase_requested(raised: PurchaseRequest.Raised, request: PurchaseRequest) -> scm.PurchaseRequested:
    """What must be bought: an order waits for it, or less will be there than the reorder point says."""
    return scm.PurchaseRequested(
        request.id, raised.sku, raised.warehouse, raised.quantity, raised.needed_on, raised.reason, raised.order_id
    )


def _lines(lines: Iterable[GoodsLine]) -> tuple[scm.GoodsLine, ...]:
    return tuple(scm.GoodsLine(each.line, each.sku, each.quantity) for each in lines)
