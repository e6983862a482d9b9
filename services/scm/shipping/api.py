"""Carriers and shipments."""

from typing import Any

from services.scm.shipping.commands import CarrierCommands
from services.scm.shipping.projections import Carriers, Shipments
from shared.web import Reply, Resource, Schema, accepts, commands_getter, created_reply, fields

shipping = commands_getter(CarrierCommands)
carriers = Resource("carriers", Carriers)
shipments = Resource("shipments", Shipments)


class RegisterCarrier(Schema):
    """Request to register a carrier."""

    code = fields.Code(required=True)
    name = fields.Text(required=True)
    phone = fields.Phone(allow_none=True)


@carriers.post("")
@accepts(RegisterCarrier)
def register_carrier(body: dict[str, Any]) -> Reply:
    """Register a carrier. 201 with the carrier; 409 if the code is taken."""
    return created_reply(Carriers, shipping().register_carrier(**body))
