"""Items, by their SKU."""

from dataclasses import replace
from typing import Any

from services.scm.api import service
from services.scm.projections import Items
from shared.web import Reply, Resource, Schema, accepts, created_reply, fields, resource_reply
from shared.web.replies import public_path

items = Resource("items", Items)


class ItemTerms(Schema):
    reorder_point = fields.Quantity(zero=True, allow_none=True)
    reorder_to = fields.Quantity(zero=True, allow_none=True)
    discontinued = fields.Flag()


class RegisterItem(ItemTerms):
    sku = fields.Code(required=True)
    name = fields.Text(required=True)
    unit = fields.Text(required=True, max=40)


class ChangeItem(ItemTerms):
    name = fields.Text()


@items.post("", sheets=True)
@accepts(RegisterItem)
def register(body: dict[str, Any]) -> Reply:
    """Register an item. 201 with the item; 409 if the SKU is taken."""
    item = service().register_item(**body)
    reply = created_reply(Items, item)
    return replace(reply, headers={**reply.headers, "Location": public_path(f"/items/{item.sku}")})


@items.get("/<sku>", reads=())
def show_item(sku: str) -> Reply:
    """Return one item as it is now. 404 for an unknown SKU."""
    return resource_reply(Items, service().get_item(sku))


@items.patch("/<sku>")
@accepts(ChangeItem)
def change(sku: str, body: dict[str, Any]) -> Reply:
    """Change the given fields; the unit of measure is fixed. 200 with the item; 404 for an unknown SKU."""
    return resource_reply(Items, service().change_item(sku, **body))
