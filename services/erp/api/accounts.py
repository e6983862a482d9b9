"""The chart of accounts, and the journal."""

from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from services.erp.api import service
from services.erp.reports import Journal
from services.erp.reports.trial_balance import chart_of_accounts
from shared.web import Reply, Resource, Schema, accepts, answer, fields
from shared.web.lists import Listing

accounts = Resource("accounts")
journal = Resource("journal", Journal)

COLUMNS = {"from": "date[gte]", "to": "date[lte]"}
KNOWN_AT = "known_at"
POSTINGS = Listing(Journal)


class AskJournal(Schema):
    account = fields.Text()
    party = fields.Text()
    entry = fields.Text()
    since = fields.Date(data_key="from")
    until = fields.Date(data_key="to")
    known_at = fields.KnownAt()
    sort = fields.Text()
    limit = fields.Text()
    cursor = fields.Text(max=4_000)


@accounts.get("")
def chart() -> Reply:
    """The accounts there are, in order of their codes."""
    return answer({"data": chart_of_accounts(), "has_more": False, "next_cursor": None})


@journal.get("")
@accepts(AskJournal)
def postings(query: dict[str, Any]) -> Reply:
    """Postings in the order they were made: of an account, a party or an entry, from one day to another."""
    asked = MultiDict({COLUMNS.get(name, name): value for name, value in request.args.items() if name != KNOWN_AT})
    return POSTINGS.page(service(), POSTINGS.judged(asked), query.get(KNOWN_AT))
