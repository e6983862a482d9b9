"""Events of SRM: purchase orders."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.contracts import PublishedEvent, make_contract_part, register_published_event
from shared.money import UnitPrice


@make_contract_part
class PurchaseLine:
    """One line of a purchase order. `line` counts from 1 and never changes."""

    line: int
    sku: str
    quantity: Decimal
    unit_price: UnitPrice


@register_published_event("purchase_order")
class PurchaseOrderSent(PublishedEvent):
    """A purchase order was sent to the supplier: its open quantities are on order.

    `request_id` is the purchase request it was drafted for, if any; `over_receipt_percent` how much more than ordered
    may be received on a line (none = the firm's setting).
    """

    purchase_order_id: UUID
    number: str
    supplier_id: UUID
    currency: str
    ordered_on: date
    expected_on: date | None
    warehouse: str
    lines: tuple[PurchaseLine, ...]
    request_id: UUID | None = None
    over_receipt_percent: Decimal | None = None


@register_published_event("purchase_order")
class PurchaseOrderRevised(PublishedEvent):
    """A sent order was revised; fields are as revised, `revision` counts from 1. A removed line is no longer
    expected; what was received of it stays."""

    purchase_order_id: UUID
    revision: int
    number: str
    supplier_id: UUID
    currency: str
    ordered_on: date
    expected_on: date | None
    warehouse: str
    lines: tuple[PurchaseLine, ...]
    over_receipt_percent: Decimal | None


@register_published_event("purchase_order")
class PurchaseOrderCancelled(PublishedEvent):
    """A sent purchase order was cancelled: quantities not yet received are no longer expected."""

    purchase_order_id: UUID
    reason: str


@register_published_event("purchase_order")
class PurchaseOrderClosed(PublishedEvent):
    """A purchase order was closed, even if less than ordered arrived: no more may be received."""

    purchase_order_id: UUID
    reason: str | None
