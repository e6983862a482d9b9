"""Warehouses."""

from typing import Any

from services.scm.api import service
from services.scm.reports import Warehouses
from shared.web import Reply, Resource, Schema, accepts, created, fields

warehouses = Resource("warehouses", Warehouses)


class RegisterWarehouse(Schema):
    code = fields.Code(required=True)
    name = fields.Text(required=True)
    time_zone = fields.Text(max=60, allow_none=True)
    negative_stock = fields.Flag()


@warehouses.post("")
@accepts(RegisterWarehouse)
def register(body: dict[str, Any]) -> Reply:
    """Register a place where goods are kept; orders that name none go to the first. 409 if the code is taken."""
    return created(Warehouses, service().register_warehouse(**body))
