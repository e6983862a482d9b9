"""Stock counts."""

from typing import Any

from services.scm.counting.commands import Counting
from services.scm.counting.projections import StockCounts
from shared.web import Reply, Resource, Schema, accepts, commands_getter, created_reply, fields

counting = commands_getter(Counting)
stock_counts = Resource("stock-counts", StockCounts)


class CountedItem(Schema):
    """One counted item and its quantity, in a request."""

    sku = fields.Code(required=True)
    quantity = fields.Quantity(required=True, zero=True)


class CountStock(Schema):
    """Request to record a stock count of a warehouse at the end of a day."""

    warehouse = fields.Code(required=True)
    counted_on = fields.EffectiveOn(required=True)
    lines = fields.List(fields.Nested(CountedItem), required=True, min=1)


@stock_counts.post("")
@accepts(CountStock)
def count_stock(body: dict[str, Any]) -> Reply:
    """Record a stock count at the end of a day. 201 with the count; 409 if less would be left than is reserved."""
    return created_reply(StockCounts, counting().count_stock(**body))
