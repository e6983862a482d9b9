"""Items, by their SKU."""

from dataclasses import replace
from typing import Any

from services.scm.api import service
from services.scm.reports import Items
from shared.web import Reply, Resource, Schema, accepts, created, fields, shown
from shared.web.answers import public

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
    """Register what is kept, bought and sold. 201 with the item; 409 if the SKU is taken."""
    item = service().register_item(**body)
    reply = created(Items, item)
    return replace(reply, headers={**reply.headers, "Location": public(f"/items/{item.sku}")})


@items.get("/<sku>", reads=())
def one(sku: str) -> Reply:
    """One item as it now stands. 404 for an SKU nobody registered."""
    return shown(Items, service().item(sku))


@items.patch("/<sku>")
@accepts(ChangeItem)
def change(sku: str, body: dict[str, Any]) -> Reply:
    """Change what is given; the unit stays, stock is counted in it. 200 with the item; 404 for an unknown SKU."""
    return shown(Items, service().change_item(sku, **body))
