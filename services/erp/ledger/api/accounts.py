"""Chart of accounts and journal."""

from services.erp.ledger.projections.journal import Journal
from services.erp.ledger.projections.trial_balance import chart_of_accounts
from shared.web import Reply, Resource, json_reply

accounts = Resource("accounts")
journal = Resource("journal", Journal)

journal.add_list("", Journal, aliases={"from": "date[gte]", "to": "date[lte]"})


@accounts.get("")
def list_accounts() -> Reply:
    """List the chart of accounts in order of account codes."""
    return json_reply({"data": chart_of_accounts(), "has_more": False, "next_cursor": None})
