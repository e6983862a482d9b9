"""Supplier items: the catalogues of the suppliers."""

from typing import Any

from services.srm.api import service
from services.srm.projections import SupplierItems
from shared.web import Reply, Resource, Schema, accepts, created_reply, fields

supplier_items = Resource("supplier-items", SupplierItems)


class AddSupplierItem(Schema):
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
def add(body: dict[str, Any]) -> Reply:
    """Add an item to a supplier's catalogue, or replace its terms. 201 with the catalogue entry."""
    return created_reply(SupplierItems, service().add_supplier_item(**body))
