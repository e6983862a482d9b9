"""Receivables and payables by days overdue."""

from services.erp.ledger.api.queries import AsOfQuery, as_of_date, currency_of_query, reader_known_at
from services.erp.ledger.projections.items_by_due_date import aging
from services.erp.payables.api import payables_agings
from services.erp.settlement.projections.payables_aging import OpenPayables
from services.erp.settlement.projections.receivables_aging import OpenReceivables
from shared.web import Reply, Resource, accepts, json_reply

receivables_agings = Resource("receivables-aging", OpenReceivables)


@receivables_agings.get("")
@accepts(AsOfQuery)
def show_receivables_aging(query: AsOfQuery) -> Reply:
    """Return what each customer owes as of a day (none = today), by days overdue, less the customer's credit."""
    return json_reply(
        aging(reader_known_at(OpenReceivables, query), "customer_id", as_of_date(query), currency_of_query(query))
    )


@payables_agings.get("", reads=(OpenPayables,))
@accepts(AsOfQuery)
def show_payables_aging(query: AsOfQuery) -> Reply:
    """Return what is owed to each supplier as of a day (none = today), by days overdue, without blocked invoices."""
    return json_reply(
        aging(reader_known_at(OpenPayables, query), "supplier_id", as_of_date(query), currency_of_query(query))
    )
