"""Events that fulfilment publishes to the other services."""

from services.scm.fulfilment.domain.fulfilment import Fulfilment
from services.scm.items.domain.goods import lines_as_type
from shared.contracts import scm
from shared.policies import PublishedEventMappings

published = PublishedEventMappings()


@published.after(Fulfilment.StockReserved)
def stock_reserved(reserved: Fulfilment.StockReserved, fulfilment: Fulfilment) -> scm.StockReserved:
    """Publish that stock was reserved for the order, in addition to earlier quantities."""
    return scm.StockReserved(fulfilment.order_id, reserved.warehouse, lines_as_type(reserved.lines, scm.GoodsLine))


@published.after(Fulfilment.StockShort)
def stock_short(short: Fulfilment.StockShort, fulfilment: Fulfilment) -> scm.StockShort:
    """Publish that goods are missing: the quantities the order waits for."""
    return scm.StockShort(fulfilment.order_id, short.warehouse, lines_as_type(short.lines, scm.GoodsLine))


@published.after(Fulfilment.Rejected)
def order_rejected(refused: Fulfilment.Rejected, fulfilment: Fulfilment) -> scm.OrderRejected:
    """Publish that the order was rejected, and why."""
    return scm.OrderRejected(fulfilment.order_id, refused.reason, refused.skus)


@published.after(Fulfilment.Amended)
def amendment_accepted(amended: Fulfilment.Amended, fulfilment: Fulfilment) -> scm.AmendmentAccepted:
    """Publish that the amendment was accepted, with the quantities released."""
    return scm.AmendmentAccepted(fulfilment.order_id, amended.revision, lines_as_type(amended.released, scm.GoodsLine))


@published.after(Fulfilment.AmendmentRefused)
def amendment_refused(refused: Fulfilment.AmendmentRefused, fulfilment: Fulfilment) -> scm.AmendmentRefused:
    """Publish that the amendment was refused and the order stays as it was, and why."""
    return scm.AmendmentRefused(fulfilment.order_id, refused.revision, refused.reason)


@published.after(Fulfilment.Cancelled)
def cancellation_granted(cancelled: Fulfilment.Cancelled, fulfilment: Fulfilment) -> scm.CancellationGranted:
    """Publish that the order is cancelled, with the quantities that will not be shipped."""
    return scm.CancellationGranted(fulfilment.order_id, cancelled.reason, lines_as_type(cancelled.lines, scm.GoodsLine))


@published.after(Fulfilment.CancellationRefused)
def cancellation_refused(refused: Fulfilment.CancellationRefused, fulfilment: Fulfilment) -> scm.CancellationRefused:
    """Publish that the cancellation was refused: everything was shipped."""
    return scm.CancellationRefused(fulfilment.order_id, refused.reason)
