"""The statements: as of any business date, and as they were known at any moment."""

from datetime import date
from typing import Any

from services.erp.api import service
from services.erp.reports import OpenBills, OpenItems, OpenReceipts, StockDays, StockPlaces, Turnovers
from services.erp.reports.balance_sheet import balance_sheet
from services.erp.reports.general_ledger import general_ledger
from services.erp.reports.goods_received_not_invoiced import goods_received_not_invoiced
from services.erp.reports.open_items import aging
from services.erp.reports.profit_and_loss import profit_and_loss
from services.erp.reports.stock_values import stock_value
from services.erp.reports.trial_balance import trial_balance
from shared.domain import InvalidInput
from shared.report import Reader, Report
from shared.web import Reply, Resource, Schema, accepts, answer, fields

balances = Resource("trial-balance", Turnovers)
sheet = Resource("balance-sheet", Turnovers)
results = Resource("profit-and-loss", Turnovers)
ledger = Resource("general-ledger", Turnovers)
values = Resource("stock-value", StockDays, StockPlaces)
receivables = Resource("receivables-aging", OpenItems)
payables = Resource("payables-aging", OpenBills)
not_invoiced = Resource("goods-received-not-invoiced", OpenReceipts)

Query = dict[str, Any]


class AsOf(Schema):
    as_of = fields.Date()
    currency = fields.Currency()
    known_at = fields.KnownAt()


class FromTo(Schema):
    since = fields.Date(data_key="from")
    until = fields.Date(data_key="to")
    currency = fields.Currency()
    known_at = fields.KnownAt()


class AskLedger(FromTo):
    account = fields.Text()
    party = fields.Id()
    by = fields.OneOf("account", "party")


@balances.get("")
@accepts(AsOf)
def of_all_accounts(query: Query) -> Reply:
    """Every account's balance as of a day (none = everything posted), in one currency (none = the firm's)."""
    return answer(trial_balance(_rows(Turnovers, query), query.get("as_of"), _currency(query)))


@sheet.get("")
@accepts(AsOf)
def what_there_is(query: Query) -> Reply:
    """Assets, liabilities and equity as of a day (none = today); what was earned is equity, so both sides agree."""
    return answer(balance_sheet(_rows(Turnovers, query), _as_of(query), _currency(query)))


@results.get("")
@accepts(FromTo)
def what_was_earned(query: Query) -> Reply:
    """Income, expenses and profit from one day to another (none = since the first, until the last)."""
    return answer(profit_and_loss(_rows(Turnovers, query), *_range(query), _currency(query)))


@ledger.get("")
@accepts(AskLedger)
def by_account(query: Query) -> Reply:
    """Start, movement and end of each account from one day to another; with `by=party` of each party on it."""
    where = {name: query[name] for name in ("account", "party") if name in query}
    parties = "party" in query or query.get("by") == "party"
    rows = _rows(Turnovers, query)
    return answer(general_ledger(rows, *_range(query), _currency(query), parties=parties, **where))


@values.get("")
@accepts(AsOf)
def stock(query: Query) -> Reply:
    """Quantity, unit cost and value of each item in each warehouse as of a day (none = of everything heard)."""
    places = service().rows_of(StockPlaces)
    return answer(stock_value(places, _rows(StockDays, query), query.get("as_of"), _currency(query)))


@receivables.get("")
@accepts(AsOf)
def owed_to_us(query: Query) -> Reply:
    """What each customer owes as of a day (none = today), by days overdue, less his credit."""
    return answer(aging(_rows(OpenItems, query), "customer_id", _as_of(query), _currency(query)))


@payables.get("")
@accepts(AsOf)
def owed_by_us(query: Query) -> Reply:
    """What is owed to each supplier as of a day (none = today), by days overdue; not what is blocked."""
    return answer(aging(_rows(OpenBills, query), "supplier_id", _as_of(query), _currency(query)))


@not_invoiced.get("")
@accepts(AsOf)
def unbilled(query: Query) -> Reply:
    """Goods received and not billed, or billed before they came, by order and line as of a day (none = now)."""
    return answer(goods_received_not_invoiced(_rows(OpenReceipts, query), query.get("as_of"), _currency(query)))


def _rows(report: type[Report], query: Query) -> Reader:
    rows: Reader = service().rows_of(report, query.get("known_at"))
    return rows


def _currency(query: Query) -> str:
    currency: str = query.get("currency", service().settings.base_currency)
    return currency


def _as_of(query: Query) -> date:
    day: date = query.get("as_of", service().today)
    return day


def _range(query: Query) -> tuple[date | None, date | None]:
    since, until = query.get("since"), query.get("until")
    if since and until and since > until:
        raise InvalidInput("from is after to", field="from")
    return since, until
