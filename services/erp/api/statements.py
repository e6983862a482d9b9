"""Financial statements as of any business date, and as known at any time."""

from datetime import date
from typing import Any

from services.erp.api import service
from services.erp.projections import (
    OpenReceivables,
    OpenSupplierInvoices,
    StockValueChanges,
    StockValueItems,
    Turnovers,
    UninvoicedReceipts,
)
from services.erp.projections.balance_sheet import balance_sheet
from services.erp.projections.general_ledger import general_ledger
from services.erp.projections.goods_received_not_invoiced import goods_received_not_invoiced
from services.erp.projections.open_items import aging
from services.erp.projections.profit_and_loss import profit_and_loss
from services.erp.projections.stock_values import stock_value
from services.erp.projections.trial_balance import trial_balance
from shared.domain import InvalidInput
from shared.projections import Projection, Reader
from shared.web import Reply, Resource, Schema, accepts, fields, json_reply

trial_balances = Resource("trial-balance", Turnovers)
balance_sheets = Resource("balance-sheet", Turnovers)
profit_and_loss_statements = Resource("profit-and-loss", Turnovers)
general_ledgers = Resource("general-ledger", Turnovers)
stock_value_statements = Resource("stock-value", StockValueChanges, StockValueItems)
receivables_agings = Resource("receivables-aging", OpenReceivables)
payables_agings = Resource("payables-aging", OpenSupplierInvoices)
uninvoiced_receipts = Resource("goods-received-not-invoiced", UninvoicedReceipts)

QueryValues = dict[str, Any]


class AsOfQuery(Schema):
    as_of = fields.Date()
    currency = fields.Currency()
    known_at = fields.KnownAt()


class DateRangeQuery(Schema):
    since = fields.Date(data_key="from")
    until = fields.Date(data_key="to")
    currency = fields.Currency()
    known_at = fields.KnownAt()


class LedgerQuery(DateRangeQuery):
    account = fields.Text()
    party = fields.Id()
    by = fields.OneOf("account", "party")


@trial_balances.get("")
@accepts(AsOfQuery)
def show_trial_balance(query: QueryValues) -> Reply:
    """Return every account's balance as of a day (none = all postings), in one currency (none = base currency)."""
    return json_reply(trial_balance(_reader(Turnovers, query), query.get("as_of"), _currency(query)))


@balance_sheets.get("")
@accepts(AsOfQuery)
def show_balance_sheet(query: QueryValues) -> Reply:
    """Return assets, liabilities and equity including profit as of a day (none = today)."""
    return json_reply(balance_sheet(_reader(Turnovers, query), _as_of(query), _currency(query)))


@profit_and_loss_statements.get("")
@accepts(DateRangeQuery)
def show_profit_and_loss(query: QueryValues) -> Reply:
    """Return income, expenses and profit between two days (none = from the first, to the last)."""
    return json_reply(profit_and_loss(_reader(Turnovers, query), *_range(query), _currency(query)))


@general_ledgers.get("")
@accepts(LedgerQuery)
def show_general_ledger(query: QueryValues) -> Reply:
    """Return start, movement and end of each account between two days; `by=party` returns each party on it."""
    where = {name: query[name] for name in ("account", "party") if name in query}
    parties = "party" in query or query.get("by") == "party"
    rows = _reader(Turnovers, query)
    return json_reply(general_ledger(rows, *_range(query), _currency(query), parties=parties, **where))


@stock_value_statements.get("")
@accepts(AsOfQuery)
def show_stock_value(query: QueryValues) -> Reply:
    """Return quantity, unit cost and value of each item and warehouse as of a day (none = all movements)."""
    places = service().reader_for(StockValueItems)
    return json_reply(stock_value(places, _reader(StockValueChanges, query), query.get("as_of"), _currency(query)))


@receivables_agings.get("")
@accepts(AsOfQuery)
def show_receivables_aging(query: QueryValues) -> Reply:
    """Return what each customer owes as of a day (none = today), by days overdue, less the customer's credit."""
    return json_reply(aging(_reader(OpenReceivables, query), "customer_id", _as_of(query), _currency(query)))


@payables_agings.get("")
@accepts(AsOfQuery)
def show_payables_aging(query: QueryValues) -> Reply:
    """Return what is owed to each supplier as of a day (none = today), by days overdue, without blocked invoices."""
    return json_reply(aging(_reader(OpenSupplierInvoices, query), "supplier_id", _as_of(query), _currency(query)))


@uninvoiced_receipts.get("")
@accepts(AsOfQuery)
def show_uninvoiced_receipts(query: QueryValues) -> Reply:
    """Return goods received not invoiced, or invoiced before receipt, by order line as of a day (none = now)."""
    return json_reply(
        goods_received_not_invoiced(_reader(UninvoicedReceipts, query), query.get("as_of"), _currency(query))
    )


def _reader(report: type[Projection], query: QueryValues) -> Reader:
    rows: Reader = service().reader_for(report, query.get("known_at"))
    return rows


def _currency(query: QueryValues) -> str:
    currency: str = query.get("currency", service().settings.base_currency)
    return currency


def _as_of(query: QueryValues) -> date:
    day: date = query.get("as_of", service().effective_on)
    return day


def _range(query: QueryValues) -> tuple[date | None, date | None]:
    since, until = query.get("since"), query.get("until")
    if since and until and since > until:
        raise InvalidInput("from must not be after to", field="from")
    return since, until
