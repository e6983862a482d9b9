"""Chart of accounts and journal."""

from services.erp.ledger.commands import Ledger
from services.erp.ledger.projections.journal import Journal
from services.erp.ledger.projections.trial_balance import ACCOUNT_LIST, account_list
from shared.web import Reply, Resource, commands_getter, json_reply

ledger = commands_getter(Ledger)
accounts = Resource("accounts")
journal = Resource("journal", Journal)

journal.add_list("", Journal, aliases={"from": "date[gte]", "to": "date[lte]"})


@accounts.get("", answers=ACCOUNT_LIST)
def list_accounts() -> Reply:
    """List the chart of accounts in order of account codes."""
    return json_reply({"data": account_list(ledger().get_chart()), "has_more": False, "next_cursor": None})
