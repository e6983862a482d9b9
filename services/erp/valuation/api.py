"""Stock value."""

from services.erp.ledger.api.queries import AsOfQuery, as_of_date, currency_of_query, reader_known_at
from services.erp.valuation.projections import StockValueChanges, stock_value
from shared.web import Reply, Resource, accepts, json_reply

stock_value_statements = Resource("stock-value", StockValueChanges)


@stock_value_statements.get("")
@accepts(AsOfQuery)
def show_stock_value(query: AsOfQuery) -> Reply:
    """Return quantity, unit cost and value of each item and warehouse as of a day (none = today)."""
    changes = reader_known_at(StockValueChanges, query)
    return json_reply(stock_value(changes, as_of_date(query), currency_of_query(query)))
