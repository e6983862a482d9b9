"""What the goods on hand are worth."""

from typing import Any

from services.erp.api import service
from services.erp.api.accounts import AsOf
from services.erp.reports import StockDays, StockPlaces
from services.erp.reports.stock_values import stock_value
from shared.web import Reply, Resource, accepts, answer

values = Resource("stock-value", StockPlaces, StockDays)


@values.get("")
@accepts(AsOf)
def stock(query: dict[str, Any]) -> Reply:
    """Quantity, unit cost and value of each item in each warehouse as of a day (none = of everything heard)."""
    places, days = service().rows_of(StockPlaces), service().rows_of(StockDays)
    return answer(stock_value(places, days, query.get("as_of"), query.get("currency", service().base_currency)))
