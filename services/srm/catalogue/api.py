"""The sourcing of purchase requests."""

from uuid import UUID

from services.srm.catalogue.commands import Catalogue
from services.srm.requisitions.projections import PurchaseRequests
from shared.web import Reply, Resource, commands_getter, resource_reply

catalogue = commands_getter(Catalogue)
purchase_requests = Resource("purchase-requests", PurchaseRequests)


@purchase_requests.post("/<uuid:request_id>/source")
def source_request(request_id: UUID) -> Reply:
    """Search again for a supplier. 200 with the request; 409 once an order was drafted for it."""
    return resource_reply(PurchaseRequests, catalogue().source_request(request_id))
