"""What SCM says: goods held, missing, sent and received. Quantities only, never money."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.contracts import Contract, part, published


@part
class GoodsLine:
    """A quantity of an item for one line of the order it belongs to (`line` as in that order)."""

    line: int
    sku: str
    quantity: Decimal


@published("fulfilment")
class StockReserved(Contract):
    """These quantities are now held for the order, in addition to what was held before."""

    order_id: UUID
    warehouse: str
    lines: tuple[GoodsLine, ...]


@published("fulfilment")
class StockShort(Contract):
    """These quantities are missing for the order; it waits for them."""

    order_id: UUID
    warehouse: str
    lines: tuple[GoodsLine, ...]


@published("fulfilment")
class OrderRejected(Contract):
    """The order ends: goods are missing and it may not wait (`shortage`), or nobody knows the item or
    warehouse (`unknown_item`, `unknown_warehouse`). Whatever was held is free again."""

    order_id: UUID
    reason: str
    skus: tuple[str, ...]


@published("fulfilment")
class AmendmentAccepted(Contract):
    """What leaves from now on is of this revision of the order. Lines = what was held for it and is free again."""

    order_id: UUID
    revision: int
    lines: tuple[GoodsLine, ...]


@published("fulfilment")
class AmendmentRefused(Contract):
    """This revision of the order, and any asked for before it and not accepted, will not be. `reason` is for people."""

    order_id: UUID
    revision: int
    reason: str


@published("fulfilment")
class CancellationGranted(Contract):
    """The order is stopped: what was held is free, nothing more will leave. Lines = what will not be shipped."""

    order_id: UUID
    reason: str
    lines: tuple[GoodsLine, ...]


@published("fulfilment")
class CancellationRefused(Contract):
    """Too late: the goods have left. `reason` is for people."""

    order_id: UUID
    reason: str


@published("shipment")
class ShipmentDispatched(Contract):
    """These goods have left for the customer. `complete` = nothing of the order is left to ship."""

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
    """These goods have arrived against a purchase order (`line` as in that order)."""

    receipt_id: UUID
    purchase_order_id: UUID
    warehouse: str
    received_on: date
    lines: tuple[GoodsLine, ...]


@published("goods_receipt")
class GoodsReceiptReversed(Contract):
    """The receipt was a mistake: these goods have not arrived (`line` as in the purchase order)."""

    receipt_id: UUID
    purchase_order_id: UUID
    warehouse: str
    received_on: date
    lines: tuple[GoodsLine, ...]
    reason: str


@part
class CountedGoods:
    """How much of an item was there."""

    sku: str
    quantity: Decimal


@published("stock_count")
class StockCounted(Contract):
    """So much was there at the end of that day, whatever else is heard of the days before: no difference, a fact."""

    count_id: UUID
    warehouse: str
    counted_on: date
    lines: tuple[CountedGoods, ...]


@published("purchase_request")
class PurchaseRequested(Contract):
    """Goods must be bought. `reason` is shortage (an order waits for them, `order_id`) or reorder."""

    request_id: UUID
    sku: str
    warehouse: str
    quantity: Decimal
    needed_on: date | None
    reason: str
    order_id: UUID | None = None
