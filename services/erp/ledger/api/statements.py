"""Financial statements of the ledger as of any business date, and as known at any time."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.erp.ledger.api.queries import (
    AsOfQuery,
    DateRangeQuery,
    as_of_date,
    currency_of_query,
    date_range,
    ledger,
    reader_known_at,
)
from services.erp.ledger.projections.balance_sheet import BALANCE_SHEET, balance_sheet
from services.erp.ledger.projections.general_ledger import LEDGER_ROW, OTHER_ACCOUNTS, general_ledger_between
from services.erp.ledger.projections.profit_and_loss import PROFIT_AND_LOSS, profit_and_loss
from services.erp.ledger.projections.trial_balance import TRIAL_BALANCE, trial_balance
from services.erp.ledger.projections.turnovers import Turnovers
from services.erp.parties.projections import PartyNames, name_parties, with_names_of_parties
from shared.fields import UNSET, Id, Text, UnsetType, given
from shared.web import Reply, Resource, accepts, current_service, json_reply

trial_balances = Resource("trial-balance", Turnovers)
balance_sheets = Resource("balance-sheet", Turnovers)
profit_and_loss_statements = Resource("profit-and-loss", Turnovers)
general_ledgers = Resource("general-ledger", Turnovers, PartyNames)

GENERAL_LEDGER = {
    "from": date | None, "to": date, "rows": [with_names_of_parties(LEDGER_ROW, "party")], **OTHER_ACCOUNTS,
}  # fmt: skip


class LedgerGrouping(StrEnum):
    """What each row of the general ledger is about: an account, or a party on it."""

    ACCOUNT = "account"
    PARTY = "party"


@dataclass(frozen=True, kw_only=True)
class GeneralLedgerQuery(DateRangeQuery):
    """Query of the general ledger: days, account, party, and whether to group by account or by party."""

    account: Text | UnsetType = UNSET
    party: Id | UnsetType = UNSET
    by: LedgerGrouping | UnsetType = UNSET


@trial_balances.get("", answers=TRIAL_BALANCE)
@accepts(AsOfQuery)
def show_trial_balance(query: AsOfQuery) -> Reply:
    """Return every account's balance as of a day (none = today), in one currency (none = base currency)."""
    posted, chart = reader_known_at(Turnovers, query), ledger().get_chart()
    return json_reply(trial_balance(posted, chart, as_of_date(query), currency_of_query(query)))


@balance_sheets.get("", answers=BALANCE_SHEET)
@accepts(AsOfQuery)
def show_balance_sheet(query: AsOfQuery) -> Reply:
    """Return assets, liabilities and equity including profit as of a day (none = today)."""
    posted, chart = reader_known_at(Turnovers, query), ledger().get_chart()
    return json_reply(balance_sheet(posted, chart, as_of_date(query), currency_of_query(query)))


@profit_and_loss_statements.get("", answers=PROFIT_AND_LOSS)
@accepts(DateRangeQuery)
def show_profit_and_loss(query: DateRangeQuery) -> Reply:
    """Return income, expenses and profit between two days (none = from the first, to today)."""
    posted, chart = reader_known_at(Turnovers, query), ledger().get_chart()
    return json_reply(profit_and_loss(posted, chart, *date_range(query), currency_of_query(query)))


@general_ledgers.get("", answers=GENERAL_LEDGER)
@accepts(GeneralLedgerQuery)
def show_general_ledger(query: GeneralLedgerQuery) -> Reply:
    """Return start, movement and end of each account between two days; `by=party` returns each party on it."""
    account, party = given(query.account, None), given(query.party, None)
    statement = general_ledger_between(
        reader_known_at(Turnovers, query),
        ledger().get_chart(),
        *date_range(query),
        currency_of_query(query),
        parties=party is not None or query.by == LedgerGrouping.PARTY,
        account=account,
        party=party,
    )
    return json_reply(name_parties(statement, "party", current_service().reader_for(PartyNames)))
