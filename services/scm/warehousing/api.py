"""Warehouses."""

from typing import Any

from services.scm.warehousing.commands import WarehouseCommands
from services.scm.warehousing.projections import Warehouses
from shared.web import Reply, Resource, Schema, accepts, commands_getter, created_reply, fields

warehousing = commands_getter(WarehouseCommands)
warehouses = Resource("warehouses", Warehouses)


class RegisterWarehouse(Schema):
    """Request to register a warehouse."""

    code = fields.Code(required=True)
    name = fields.Text(required=True)
    time_zone = fields.Text(max=60, allow_none=True)
    negative_stock = fields.Flag()


@warehouses.post("")
@accepts(RegisterWarehouse)
def register_warehouse(body: dict[str, Any]) -> Reply:
    """Register a warehouse; the first one serves orders that name none. 409 if the code is taken."""
    return created_reply(Warehouses, warehousing().register_warehouse(**body))
