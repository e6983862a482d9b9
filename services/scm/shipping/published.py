"""Events that shipping publishes to the other services."""

from services.scm.items.domain.goods import lines_as_type
from services.scm.shipping.domain.shipment import Shipment
from shared.contracts import scm
from shared.policies import PublishedEventMappings

published = PublishedEventMappings()


@published.after(Shipment.Dispatched)
def shipment_dispatched(dispatched: Shipment.Dispatched, shipment: Shipment) -> scm.ShipmentDispatched:
    """Publish the shipped quantities, the carrier and the tracking number."""
    departure, lines = dispatched.dispatch, lines_as_type(dispatched.lines, scm.GoodsLine)
    return scm.ShipmentDispatched(
        shipment.id, shipment.order_id, shipment.customer_id, shipment.warehouse, departure.dispatched_on,
        departure.carrier, departure.tracking, lines, dispatched.order_complete,
    )  # fmt: skip
