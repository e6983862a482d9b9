"""Opening stock."""

from uuid import UUID

from services.scm.opening_stock.commands import OpeningStocks, RecordOpeningStock, ReverseOpeningStock
from services.scm.opening_stock.projections import OpeningStockList
from shared.web import Reply, Resource, accepts, commands_getter, created_reply, resource_reply

opening_stocks = commands_getter(OpeningStocks)
opening_stock = Resource("opening-stock", OpeningStockList)


@opening_stock.post("")
@accepts(RecordOpeningStock)
def record_opening_stock(body: RecordOpeningStock) -> Reply:
    """Record goods and their value before all movements of a day. 201; 409 for an item with an opening stock there."""
    return created_reply(OpeningStockList, opening_stocks().record(body.warehouse, body.opened_on, body.lines))


@opening_stock.post("/<uuid:opening_stock_id>/reverse", danger=True)
@accepts(ReverseOpeningStock)
def reverse_opening_stock(opening_stock_id: UUID, body: ReverseOpeningStock) -> Reply:
    """Reverse a mistaken opening stock, once. 200 with it; 409 where the goods were shipped or are reserved.

    The first request is only recorded; it is reversed when another person requests the same: 403 for the same person.
    """
    return resource_reply(OpeningStockList, opening_stocks().reverse(opening_stock_id, body.reason))
