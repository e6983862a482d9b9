"""Stock counts."""

from typing import Any

from services.scm.api import service
from services.scm.reports import StockCounts
from shared.web import Reply, Resource, Schema, accepts, created, fields

stock_counts = Resource("stock-counts", StockCounts)


class Counted(Schema):
    sku = fields.Code(required=True)
    quantity = fields.Quantity(required=True, zero=True)


class CountStock(Schema):
    warehouse = fields.Code(required=True)
    counted_on = fields.EffectiveOn(required=True)
    lines = fields.List(fields.Nested(Counted), required=True, min=1)


@stock_counts.post("")
@accepts(CountStock)
def count(body: dict[str, Any]) -> Reply:
    """Say what was there at the end of a day. 201 with the count; 409 if less would be there than orders hold."""
    return created(StockCounts, service().count_stock(**body))
