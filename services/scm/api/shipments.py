"""Shipments."""

from typing import Any
from uuid import UUID

from services.scm.api import service
from services.scm.api.goods_receipts import Goods
from services.scm.reports import Shipments
from shared.web import Reply, Resource, Schema, accepts, fields, shown

shipments = Resource("shipments", Shipments)


class DispatchShipment(Schema):
    dispatched_on = fields.EffectiveOn(allow_none=True)
    carrier = fields.Code(allow_none=True)
    tracking = fields.Text(max=100, allow_none=True)
    lines = fields.List(fields.Nested(Goods), min=1, allow_none=True)


@shipments.post("/<uuid:shipment_id>/dispatch")
@accepts(DispatchShipment)
def dispatch(shipment_id: UUID, body: dict[str, Any]) -> Reply:
    """Let goods leave, all unless lines are given; the rest stays in the order's next shipment. 409 unless open."""
    return shown(Shipments, service().dispatch_shipment(shipment_id, **body))
