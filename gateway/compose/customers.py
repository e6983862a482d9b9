"""One customer as all services see him: what was promised, sent and invoiced, and how much credit is left."""

from typing import Any
from uuid import UUID

from gateway.services import NOT_FOUND, Asking, found, rows
from shared.domain import NotFound


def customer_view(asking: Asking, customer_id: UUID) -> dict[str, Any]:
    """The customer, credit, timeline, and the newest orders, shipments and invoices; `more` leads to all of them.

    Raises NotFound for a customer that CRM does not know.
    """
    his = f"customer_id={customer_id}"
    lists = {
        "orders": ("crm", f"/sales-orders?{his}&sort=-ordered_on,-id"),
        "shipments": ("scm", f"/shipments?{his}&sort=-dispatched_on,-id"),
        "invoices": ("erp", f"/invoices?{his}&sort=-invoiced_on,-id"),
        "timeline": ("crm", f"/customers/{customer_id}/timeline"),
    }
    said = asking.all(
        {
            "customer": ("crm", f"/customers/{customer_id}"),
            "credit": ("erp", f"/credit/{customer_id}"),
            **lists,
        }
    )
    if said["customer"] is not None and said["customer"].status == NOT_FOUND:
        raise NotFound("customer", customer_id)
    return {
        "customer": found(said["customer"]),
        "credit": found(said["credit"]),
        **{name: rows(said[name]) for name in lists},
        "more": {
            name: f"/api/v1/{service}{target}"
            for name, (service, target) in lists.items()
            if service not in asking.closed
        },
        "sources": asking.sources(),
    }
