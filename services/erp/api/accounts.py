"""The chart of accounts, and the journal."""

from services.erp.reports import Journal
from services.erp.reports.trial_balance import chart_of_accounts
from shared.web import Reply, Resource, answer

accounts = Resource("accounts")
journal = Resource("journal", Journal)

journal.lists("", Journal, also={"from": "date[gte]", "to": "date[lte]"})


@accounts.get("")
def chart() -> Reply:
    """The accounts there are, in order of their codes."""
    return answer({"data": chart_of_accounts(), "has_more": False, "next_cursor": None})
