"""Items, by their SKU."""

from dataclasses import replace
from typing import Any

from services.scm.items.commands import Items as ItemCommands
from services.scm.items.projections import Items
from shared.web import Reply, Resource, Schema, accepts, commands_getter, created_reply, fields, resource_reply
from shared.web.replies import public_path

commands = commands_getter(ItemCommands)
items = Resource("items", Items)


class CommonItemFields(Schema):
    """Fields common to registering and changing an item: reorder levels, discontinued."""

    reorder_point = fields.Quantity(zero=True, allow_none=True)
    reorder_to = fields.Quantity(zero=True, allow_none=True)
    discontinued = fields.Flag()


class RegisterItem(CommonItemFields):
    """Request to register an item."""

    sku = fields.Code(required=True)
    name = fields.Text(required=True)
    unit = fields.Text(required=True, max=40)


class ItemQuantity(Schema):
    """A quantity of an item, in a request."""

    sku = fields.Code(required=True)
    quantity = fields.Quantity(required=True)


@items.post("", sheets=True)
@accepts(RegisterItem)
def register_item(body: dict[str, Any]) -> Reply:
    """Register an item. 201 with the item; 409 if the SKU is taken."""
    item = commands().register(**body)
    reply = created_reply(Items, item)
    return replace(reply, headers={**reply.headers, "Location": public_path(f"/items/{item.sku}")})


@items.get("/<sku>", reads=())
def show_item(sku: str) -> Reply:
    """Return one item as it is now. 404 for an unknown SKU."""
    return resource_reply(Items, commands().get(sku))
