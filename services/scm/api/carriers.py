"""Carriers."""

from typing import Any

from services.scm.api import service
from services.scm.projections import Carriers
from shared.web import Reply, Resource, Schema, accepts, created_reply, fields

carriers = Resource("carriers", Carriers)


class RegisterCarrier(Schema):
    code = fields.Code(required=True)
    name = fields.Text(required=True)
    phone = fields.Phone(allow_none=True)


@carriers.post("")
@accepts(RegisterCarrier)
def register(body: dict[str, Any]) -> Reply:
    """Register a carrier. 201 with the carrier; 409 if the code is taken."""
    return created_reply(Carriers, service().register_carrier(**body))
