"""Events that replenishment publishes to the other services."""

from services.scm.replenishment.domain.purchase_request import PurchaseRequest
from shared.contracts import scm
from shared.policies import PublishedEventMappings

published = PublishedEventMappings()


@published.after(PurchaseRequest.Raised)
def purchase_requested(raised: PurchaseRequest.Raised, request: PurchaseRequest) -> scm.PurchaseRequested:
    """Publish a request to buy goods that an order waits for or that fall below the reorder point."""
    return scm.PurchaseRequested(
        request.id, raised.sku, raised.warehouse, raised.quantity, raised.needed_on, raised.reason, raised.order_id
    )
