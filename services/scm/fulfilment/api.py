"""Dispatch of shipments, and the settings of fulfilment."""

from typing import Any
from uuid import UUID

from services.scm.fulfilment.commands import Fulfilments
from services.scm.items.api import ItemQuantity
from services.scm.shipping.api import shipments
from services.scm.shipping.projections import Shipments
from shared.web import Reply, Schema, accepts, commands_getter, fields, resource_reply

fulfilment = commands_getter(Fulfilments)


class DispatchShipment(Schema):
    """Request to dispatch a shipment, or some of its lines, with carrier and tracking number."""

    dispatched_on = fields.EffectiveOn(allow_none=True)
    carrier = fields.Code(allow_none=True)
    tracking = fields.Text(max=100, allow_none=True)
    lines = fields.List(fields.Nested(ItemQuantity), min=1, allow_none=True)


@shipments.post("/<uuid:shipment_id>/dispatch")
@accepts(DispatchShipment)
def dispatch_shipment(shipment_id: UUID, body: dict[str, Any]) -> Reply:
    """Dispatch the shipment, or the given lines; the rest stays in the order's next shipment. 409 unless it is open."""
    return resource_reply(Shipments, fulfilment().dispatch_shipment(shipment_id, **body))
