"""Events of SRM: purchase requests."""

from uuid import UUID

from shared.contracts import Contract, published


@published("purchase_request")
class PurchaseRequestCancelled(Contract):
    """A person decided that the requested goods will not be ordered."""

    request_id: UUID
    reason: str
