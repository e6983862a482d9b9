"""Purchase requests."""

from uuid import UUID

from services.srm.api import service
from services.srm.projections import PurchaseRequests
from shared.web import Reply, Resource, resource_reply

purchase_requests = Resource("purchase-requests", PurchaseRequests)


@purchase_requests.post("/<uuid:request_id>/source")
def source(request_id: UUID) -> Reply:
    """Search again for a supplier. 200 with the request; 409 once an order was drafted for it."""
    return resource_reply(PurchaseRequests, service().source_purchase_request(request_id))
