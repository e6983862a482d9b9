"""Events of SCM: stock reserved, short, dispatched, received and counted. Quantities only, never money."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.contracts import Contract, part, published


@part
class GoodsLine:
    """A quantity of an item for one line of its order (`line` as in that order)."""

    line: int
    sku: str
    quantity: Decimal


@published("fulfilment")
class StockReserved(Contract):
    """These quantities were reserved for the order, in addition to earlier reservations."""

    order_id: UUID
    warehouse: str
    lines: tuple[GoodsLine, ...]


@published("fulfilment")
class StockShort(Contract):
    """These quantities are missing for the order; the order waits for them."""

    order_id: UUID
    warehouse: str
    lines: tuple[GoodsLine, ...]


@published("fulfilment")
class OrderRejected(Contract):
    """The order was rejected: goods are missing and it may not wait (`shortage`), or an item or the warehouse
    is unknown (`unknown_item`, `unknown_warehouse`). Its reservations are released."""

    order_id: UUID
    reason: str
    skus: tuple[str, ...]


@published("fulfilment")
class AmendmentAccepted(Contract):
    """Dispatches follow this revision of the order from now on. Lines = the reservations that were released."""

    order_id: UUID
    revision: int
    lines: tuple[GoodsLine, ...]


@published("fulfilment")
class AmendmentRefused(Contract):
    """This revision of the order, and any earlier one not yet accepted, was refused. `reason` is free text."""

    order_id: UUID
    revision: int
    reason: str


@published("fulfilment")
class CancellationGranted(Contract):
    """The order was cancelled: its reservations are released. Lines = the quantities that will not be shipped."""

    order_id: UUID
    reason: str
    lines: tuple[GoodsLine, ...]


@published("fulfilment")
class CancellationRefused(Contract):
    """The cancellation was refused: the goods were dispatched already. `reason` is free text."""

    order_id: UUID
    reason: str


@published("shipment")
class ShipmentDispatched(Contract):
    """These goods were dispatched to the customer. `order_complete` = nothing of the order is left to ship."""

    shipment_id: UUID
    order_id: UUID
    customer_id: UUID
    warehouse: str
    dispatched_on: date
    carrier: str | None
    tracking: str | None
    lines: tuple[GoodsLine, ...]
    order_complete: bool


@published("goods_receipt")
class GoodsReceived(Contract):
    """These goods were received for a purchase order (`line` as in that order)."""

    receipt_id: UUID
    purchase_order_id: UUID
    warehouse: str
    received_on: date
    lines: tuple[GoodsLine, ...]


@published("goods_receipt")
class GoodsReceiptReversed(Contract):
    """A receipt recorded by mistake was reversed: these goods did not arrive (`line` as in the purchase order)."""

    receipt_id: UUID
    purchase_order_id: UUID
    warehouse: str
    received_on: date
    lines: tuple[GoodsLine, ...]
    reason: str


@part
class CountedGoods:
    """The counted quantity of an item."""

    sku: str
    quantity: Decimal


@published("stock_count")
class StockCounted(Contract):
    """Absolute quantities counted at the end of a day; events of earlier days that arrive later do not change them."""

    count_id: UUID
    warehouse: str
    counted_on: date
    lines: tuple[CountedGoods, ...]


@published("purchase_request")
class PurchaseRequested(Contract):
    """Goods must be purchased. `reason` is `shortage` (the order `order_id` waits for them) or `reorder`."""

    request_id: UUID
    sku: str
    warehouse: str
    quantity: Decimal
    needed_on: date | None
    reason: str
    order_id: UUID | None = None
