"""Events of SCM: order fulfilment."""

from datetime import date, datetime
from uuid import UUID

from shared.contracts import PublishedEvent, register_published_event
from shared.contracts.scm.items import GoodsLine


@register_published_event("fulfilment")
class StockReserved(PublishedEvent):
    """Stock was reserved for the order: these quantities, in addition to earlier reservations."""

    order_id: UUID
    warehouse: str
    lines: tuple[GoodsLine, ...]


@register_published_event("fulfilment")
class StockShort(PublishedEvent):
    """Stock is short for the order: these quantities are missing, and the order waits for them."""

    order_id: UUID
    warehouse: str
    lines: tuple[GoodsLine, ...]


@register_published_event("fulfilment")
class OrderRejected(PublishedEvent):
    """The order was rejected: goods are missing and it may not wait (`shortage`), or an item or the warehouse
    is unknown or deactivated (`unknown_item`, `unknown_warehouse`, `deactivated_item`, `deactivated_warehouse`).
    Its reservations are released."""

    order_id: UUID
    reason: str
    skus: tuple[str, ...]


@register_published_event("fulfilment")
class AmendmentAccepted(PublishedEvent):
    """An amendment was accepted: dispatches follow this revision from now on. Lines = the reservations released."""

    order_id: UUID
    revision: int
    lines: tuple[GoodsLine, ...]


@register_published_event("fulfilment")
class AmendmentRefused(PublishedEvent):
    """An amendment was refused: this revision, and any earlier one not yet accepted. `reason` is free text."""

    order_id: UUID
    revision: int
    reason: str


@register_published_event("fulfilment")
class CancellationGranted(PublishedEvent):
    """The cancellation of an order was granted: reservations are released. Lines = quantities not to be shipped."""

    order_id: UUID
    reason: str
    lines: tuple[GoodsLine, ...]


@register_published_event("fulfilment")
class CancellationRefused(PublishedEvent):
    """The cancellation was refused: the goods were dispatched already. `reason` is free text."""

    order_id: UUID
    reason: str


@register_published_event("shipment")
class ShipmentDispatched(PublishedEvent):
    """A shipment was dispatched to the customer. `order_complete` = nothing of the order is left to ship."""

    shipment_id: UUID
    order_id: UUID
    customer_id: UUID
    warehouse: str
    dispatched_on: date
    at: datetime
    carrier: str | None
    tracking: str | None
    lines: tuple[GoodsLine, ...]
    order_complete: bool
