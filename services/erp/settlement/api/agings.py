"""Receivables and payables by days overdue."""

from datetime import date
from uuid import UUID

from services.erp.ledger.api.queries import AsOfQuery, as_of_date, currency_of_query, reader_known_at
from services.erp.ledger.projections.items_by_due_date import AGING_ROW, aging
from services.erp.ledger.projections.other_currencies import statement_shape
from services.erp.parties.projections import PartyNames, name_parties, with_names_of_parties
from services.erp.payables.api import payables_agings
from services.erp.settlement.projections.payables_aging import OpenPayables
from services.erp.settlement.projections.receivables_aging import OpenReceivables
from shared.projections import Projection
from shared.web import Reply, Resource, accepts, current_service, json_reply
from shared.web.row_columns import Shape

receivables_agings = Resource("receivables-aging", OpenReceivables, PartyNames)


def _shape(party: str) -> Shape:
    """Return the shape of an aging; each row has id, code and name of the party, and its amounts."""
    return statement_shape({"as_of": date}, with_names_of_parties({party: UUID, **AGING_ROW}, party), AGING_ROW)


@receivables_agings.get("", answers=_shape("customer_id"))
@accepts(AsOfQuery)
def show_receivables_aging(query: AsOfQuery) -> Reply:
    """Return what each customer owes as of a day (none = today), by days overdue, less the customer's credit."""
    return _aging_reply(OpenReceivables, "customer_id", query)


@payables_agings.get("", reads=(OpenPayables, PartyNames), answers=_shape("supplier_id"))
@accepts(AsOfQuery)
def show_payables_aging(query: AsOfQuery) -> Reply:
    """Return what is owed to each supplier as of a day (none = today), by days overdue, without blocked invoices."""
    return _aging_reply(OpenPayables, "supplier_id", query)


def _aging_reply(items: type[Projection], party: str, query: AsOfQuery) -> Reply:
    statement = aging(reader_known_at(items, query), party, as_of_date(query), currency_of_query(query))
    return json_reply(name_parties(statement, party, current_service().reader_for(PartyNames)))
