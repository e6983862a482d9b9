"""The chart of accounts, the journal, and the trial balance."""

from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from services.erp.api import service
from services.erp.reports import AccountDays, Journal
from services.erp.reports.trial_balance import chart_of_accounts, trial_balance
from shared.web import Reply, Resource, Schema, accepts, answer, fields
from shared.web.lists import Listing

accounts = Resource("accounts")
journal = Resource("journal", Journal)
balance = Resource("trial-balance", AccountDays)

COLUMNS = {"from": "date[gte]", "to": "date[lte]"}
POSTINGS = Listing(Journal)


class AskJournal(Schema):
    account = fields.Text()
    party = fields.Text()
    entry = fields.Text()
    since = fields.Date(data_key="from")
    until = fields.Date(data_key="to")
    sort = fields.Text()
    limit = fields.Text()
    cursor = fields.Text(max=4_000)


class AsOf(Schema):
    as_of = fields.Date()
    currency = fields.Currency()


@accounts.get("")
def chart() -> Reply:
    """The accounts there are, in order of their codes."""
    return answer({"data": chart_of_accounts(), "has_more": False, "next_cursor": None})


@journal.get("")
@accepts(AskJournal)
def postings(query: dict[str, Any]) -> Reply:
    """Postings in the order they were made: of an account, a party or an entry, from one day to another."""
    del query
    asked = MultiDict({COLUMNS.get(name, name): value for name, value in request.args.items()})
    return POSTINGS.page(service(), POSTINGS.judged(asked))


@balance.get("")
@accepts(AsOf)
def balances(query: dict[str, Any]) -> Reply:
    """Every account's balance as of a day (none = everything posted), in one currency (none = the firm's)."""
    currency = query.get("currency", service().base_currency)
    return answer(trial_balance(service().rows_of(AccountDays), query.get("as_of"), currency))
