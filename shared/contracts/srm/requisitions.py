"""Events of SRM: purchase requests."""

from uuid import UUID

from shared.contracts import PublishedEvent, register_published_event


@register_published_event("purchase_request")
class PurchaseRequestCancelled(PublishedEvent):
    """A purchase request was cancelled: a person decided that the goods will not be ordered."""

    request_id: UUID
    reason: str
