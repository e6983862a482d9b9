"""Supplier items, and the sourcing of purchase requests."""

from typing import Any
from uuid import UUID

from services.srm.catalogue.commands import Catalogue
from services.srm.catalogue.projections import SupplierItems
from services.srm.requisitions.projections import PurchaseRequests
from shared.web import Reply, Resource, Schema, accepts, commands_getter, created_reply, fields, resource_reply

catalogue = commands_getter(Catalogue)
supplier_items = Resource("supplier-items", SupplierItems)
purchase_requests = Resource("purchase-requests", PurchaseRequests)


class AddSupplierItem(Schema):
    """Request to add an item to a supplier's catalogue: price, lead time, quantities and the days it is valid."""

    supplier_id = fields.Id(required=True)
    sku = fields.Code(required=True)
    unit_price = fields.Money(required=True)
    lead_time_days = fields.WholeNumber(required=True, max=3650)
    minimum_quantity = fields.Quantity(allow_none=True)
    multiple = fields.Quantity(allow_none=True)
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)


@supplier_items.post("")
@accepts(AddSupplierItem)
def add_supplier_item(body: dict[str, Any]) -> Reply:
    """Add an item to a supplier's catalogue, or replace its terms. 201 with the catalogue entry."""
    return created_reply(SupplierItems, catalogue().add_item(**body))


@purchase_requests.post("/<uuid:request_id>/source")
def source_request(request_id: UUID) -> Reply:
    """Search again for a supplier. 200 with the request; 409 once an order was drafted for it."""
    return resource_reply(PurchaseRequests, catalogue().source_request(request_id))
