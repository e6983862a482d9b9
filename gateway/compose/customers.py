"""Customer view: orders, shipments, invoices, credit and timeline of one customer from all services."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gateway.service_clients import NOT_FOUND, SOURCES, CallerRequests, resource_or_none, rows_or_none
from shared.domain import NotFound
from shared.openapi.shapes import TEXT, Doc, list_schema, map_schema, nullable, object_schema, schema_reference

_LISTS: Mapping[str, str] = {
    "orders": "crm.sales_orders.SalesOrder",
    "shipments": "scm.shipping.Shipment",
    "invoices": "erp.receivables.Invoice",
    "timeline": "crm.insight.TimelineRow",
}
CUSTOMER_VIEW: Doc = object_schema(
    {
        "customer": nullable(schema_reference("crm.customers.Customer")),
        "credit": nullable(schema_reference("erp.receivables.CreditAccount")),
        **{name: nullable(list_schema(schema_reference(row))) for name, row in _LISTS.items()},
        "more": map_schema(TEXT, "The address of the whole list, by the name of its part."),
        "sources": SOURCES,
    }
)


def customer_view(queries: CallerRequests, customer_id: UUID) -> dict[str, Any]:
    """Return the customer, credit, timeline, and the newest orders, shipments and invoices; `more` links to full lists.

    Raises NotFound if CRM does not have the customer.
    """
    of_customer = f"customer_id={customer_id}"
    lists = {
        "orders": ("crm", f"/sales-orders?{of_customer}&sort=-ordered_on,-id"),
        "shipments": ("scm", f"/shipments?{of_customer}&sort=-dispatched_on,-id"),
        "invoices": ("erp", f"/invoices?{of_customer}&sort=-invoiced_on,-id"),
        "timeline": ("crm", f"/customers/{customer_id}/timeline"),
    }
    responses = queries.get_all(
        {"customer": ("crm", f"/customers/{customer_id}"), "credit": ("erp", f"/credit/{customer_id}"), **lists}
    )
    if responses["customer"] is not None and responses["customer"].status == NOT_FOUND:
        raise NotFound("customer", customer_id)
    return {
        "customer": resource_or_none(responses["customer"]),
        "credit": resource_or_none(responses["credit"]),
        **{name: rows_or_none(responses[name]) for name in lists},
        "more": {
            name: f"/api/v1/{service}{target}"
            for name, (service, target) in lists.items()
            if (service, target) not in queries.closed
        },
        "sources": queries.sources(),
    }
