"""Events that shipping publishes to the other services."""

from services.scm.items.domain.goods import lines_as_type
from services.scm.shipping.domain.shipment import Shipment
from shared.contracts import fill_contract, scm
from shared.policies import PublishedEventMappings

published = PublishedEventMappings()


@published.after(Shipment.Dispatched)
def shipment_dispatched(dispatched: Shipment.Dispatched, shipment: Shipment) -> scm.ShipmentDispatched:
    """Publish the shipped quantities, the carrier and the tracking number."""
    lines = lines_as_type(dispatched.lines, scm.GoodsLine)
    return fill_contract(
        scm.ShipmentDispatched, dispatched, dispatched.details, shipment, shipment_id=shipment.id, lines=lines
    )
