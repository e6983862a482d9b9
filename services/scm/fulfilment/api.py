"""Dispatch of shipments."""

from uuid import UUID

from services.scm.fulfilment.commands import DispatchShipment, Fulfilments
from services.scm.shipping.api import shipments
from services.scm.shipping.projections import Shipments
from shared.web import Reply, accepts, commands_getter, resource_reply

fulfilment = commands_getter(Fulfilments)


@shipments.post("/<uuid:shipment_id>/dispatch")
@accepts(DispatchShipment)
def dispatch_shipment(shipment_id: UUID, body: DispatchShipment) -> Reply:
    """Dispatch the shipment, or the given lines; the rest stays in the order's next shipment. 409 unless it is open."""
    dispatched = fulfilment().dispatch_shipment(
        shipment_id, body.lines, dispatched_on=body.dispatched_on, at=body.at, details=body.details
    )
    return resource_reply(Shipments, dispatched)
