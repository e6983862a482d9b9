"""Events of purchase requests that other services receive."""

from services.srm.requisitions.domain.purchase_request import PurchaseRequest
from shared.contracts import srm
from shared.policies import PublishedEventMappings

published = PublishedEventMappings()


@published.after(PurchaseRequest.OrderCancelled)
def purchase_request_cancelled(
    cancelled: PurchaseRequest.OrderCancelled, request: PurchaseRequest
) -> srm.PurchaseRequestCancelled:
    """Publish that the request's order ended without its goods, so that SCM may request again."""
    return srm.PurchaseRequestCancelled(request.id, cancelled.reason)
