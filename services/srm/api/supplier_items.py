"""What suppliers offer."""

from typing import Any

from services.srm.api import service
from services.srm.reports import SupplierItems
from shared.web import Reply, Resource, Schema, accepts, created, fields

supplier_items = Resource("supplier-items", SupplierItems)


class ListSupplierItem(Schema):
    supplier_id = fields.Id(required=True)
    sku = fields.Code(required=True)
    unit_price = fields.Money(required=True)
    lead_time_days = fields.Count(required=True, max=3650)
    minimum_quantity = fields.Quantity(allow_none=True)
    multiple = fields.Quantity(allow_none=True)
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)


@supplier_items.post("")
@accepts(ListSupplierItem)
def offer(body: dict[str, Any]) -> Reply:
    """A supplier offers an item from now on, or on newer terms. 201 with the catalogue entry."""
    return created(SupplierItems, service().list_supplier_item(**body))
