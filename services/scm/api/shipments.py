"""Shipments."""

from typing import Any
from uuid import UUID

from services.scm.api import service
from services.scm.api.goods_receipts import ReceivedGoods
from services.scm.projections import Shipments
from shared.web import Reply, Resource, Schema, accepts, fields, resource_reply

shipments = Resource("shipments", Shipments)


class DispatchShipment(Schema):
    dispatched_on = fields.EffectiveOn(allow_none=True)
    carrier = fields.Code(allow_none=True)
    tracking = fields.Text(max=100, allow_none=True)
    lines = fields.List(fields.Nested(ReceivedGoods), min=1, allow_none=True)


@shipments.post("/<uuid:shipment_id>/dispatch")
@accepts(DispatchShipment)
def dispatch(shipment_id: UUID, body: dict[str, Any]) -> Reply:
    """Dispatch the shipment, or the given lines; the rest stays in the order's next shipment. 409 unless it is open."""
    return resource_reply(Shipments, service().dispatch_shipment(shipment_id, **body))
