"""Events of SRM: purchase requests."""

from uuid import UUID

from shared.contracts import Contract, published_event


@published_event("purchase_request")
class PurchaseRequestCancelled(Contract):
    """A purchase request was cancelled: a person decided that the goods will not be ordered."""

    request_id: UUID
    reason: str
