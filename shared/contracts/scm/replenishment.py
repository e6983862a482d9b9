"""Events of SCM: replenishment."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.contracts import PublishedEvent, register_published_event


@register_published_event("purchase_request")
class PurchaseRequested(PublishedEvent):
    """A purchase of goods was requested. `reason` is `shortage` (the order `order_id` waits for them) or `reorder`."""

    request_id: UUID
    sku: str
    warehouse: str
    quantity: Decimal
    needed_on: date | None
    reason: str
    order_id: UUID | None = None
