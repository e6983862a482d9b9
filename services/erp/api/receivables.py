"""Invoices, and how long they are overdue."""

from typing import Any

from services.erp.api import service
from services.erp.api.accounts import AsOf
from services.erp.reports import Invoices, OpenItems
from services.erp.reports.receivables_aging import receivables_aging
from shared.web import Reply, Resource, accepts, answer

invoices = Resource("invoices", Invoices)
aging = Resource("receivables-aging", OpenItems)


@aging.get("")
@accepts(AsOf)
def overdue(query: dict[str, Any]) -> Reply:
    """What each customer owes as of a day (none = today), by days overdue."""
    as_of, currency = query.get("as_of", service().today), query.get("currency", service().base_currency)
    return answer(receivables_aging(service().rows_of(OpenItems), as_of, currency))
