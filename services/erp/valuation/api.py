"""Stock value."""

from dataclasses import dataclass

from services.erp.ledger.api.queries import AsOfQuery, as_of_date, currency_of_query, reader_known_at
from services.erp.valuation.projections import STOCK_VALUE_STATEMENT, StockValueChanges, stock_value
from shared.fields import UNSET, Code, UnsetType, given
from shared.web import Reply, Resource, accepts, json_reply

stock_value_statements = Resource("stock-value", StockValueChanges)


@dataclass(frozen=True, kw_only=True)
class StockValueQuery(AsOfQuery):
    """Query of the stock value as of a day, of all items and warehouses or of one."""

    sku: Code | UnsetType = UNSET
    warehouse: Code | UnsetType = UNSET


@stock_value_statements.get("", answers=STOCK_VALUE_STATEMENT)
@accepts(StockValueQuery)
def show_stock_value(query: StockValueQuery) -> Reply:
    """Return quantity, unit cost and value of each item and warehouse as of a day (none = today), complete.

    Goods are `unvalued` while none of their prices is known: counted, but never received at a price or opened.
    """
    only = {"sku": given(query.sku, None), "warehouse": given(query.warehouse, None)}
    changes = reader_known_at(StockValueChanges, query)
    statement = stock_value(changes, as_of_date(query), currency_of_query(query), **only)
    return json_reply(statement | {"has_more": False})
