"""Events of SCM: goods receipts."""

from datetime import date, datetime
from uuid import UUID

from shared.contracts import PublishedEvent, register_published_event
from shared.contracts.scm.items import GoodsLine


@register_published_event("goods_receipt")
class GoodsReceived(PublishedEvent):
    """These goods were received for a purchase order (`line` as in that order).

    Movements of an item take effect in order of their day, `at`, then of publication.
    """

    receipt_id: UUID
    purchase_order_id: UUID
    warehouse: str
    received_on: date
    at: datetime
    lines: tuple[GoodsLine, ...]


@register_published_event("goods_receipt")
class GoodsReceiptReversed(PublishedEvent):
    """A goods receipt recorded by mistake was reversed: these goods did not arrive (`line` as in the order)."""

    receipt_id: UUID
    purchase_order_id: UUID
    warehouse: str
    received_on: date
    lines: tuple[GoodsLine, ...]
    reason: str
