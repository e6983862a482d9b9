"""Stock counts."""

from services.scm.counting.commands import Counting, CountStock
from services.scm.counting.projections import StockCounts
from shared.web import Reply, Resource, accepts, commands_getter, created_reply

counting = commands_getter(Counting)
stock_counts = Resource("stock-counts", StockCounts)


@stock_counts.post("")
@accepts(CountStock)
def count_stock(body: CountStock) -> Reply:
    """Record a stock count, by default of now. 201 with the count; 409 if less would be left than is reserved."""
    return created_reply(StockCounts, counting().count_stock(body.warehouse, body.counted_on, body.lines, body.at))
