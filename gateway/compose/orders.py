"""Order view: one sales order with its documents from all four services."""

from typing import Any
from uuid import UUID

from gateway.compose.correlation_tree import build_tree
from gateway.service_clients import (
    EVENTS_PATH,
    NOT_FOUND,
    SOURCES,
    CallerRequests,
    events_in,
    resource_or_none,
    rows_or_none,
)
from shared.domain import NotFound
from shared.http_connection import HttpResponse
from shared.openapi.shapes import Doc, list_schema, nullable, object_schema, schema_reference

ORDER_VIEW: Doc = object_schema(
    {
        "order": nullable(schema_reference("crm.sales_orders.SalesOrder")),
        "shipments": nullable(list_schema(schema_reference("scm.shipping.Shipment"))),
        "invoices": nullable(list_schema(schema_reference("erp.receivables.Invoice"))),
        "credit": nullable(schema_reference("erp.receivables.CreditAccount")),
        "purchase_requests": nullable(list_schema(schema_reference("srm.requisitions.PurchaseRequest"))),
        "correlation_tree": nullable(schema_reference("CorrelationTree")),
        "sources": SOURCES,
    }
)


def order_view(queries: CallerRequests, order_id: UUID) -> dict[str, Any]:
    """Return the order, its shipments, invoices and purchase requests, the customer's credit and the correlation tree.

    Raises NotFound if CRM does not have the order.
    """
    responses = queries.get_all(
        {
            "order": ("crm", f"/sales-orders/{order_id}"),
            "first_event": ("crm", f"{EVENTS_PATH}?aggregate={order_id}&limit=1"),
            "shipments": ("scm", f"/shipments?sales_order_id={order_id}&limit=200"),
            "invoices": ("erp", f"/invoices?sales_order_id={order_id}&limit=200"),
            "purchase_requests": ("srm", f"/purchase-requests?order_id={order_id}&limit=200"),
        }
    )
    if responses["order"] is not None and responses["order"].status == NOT_FOUND:
        raise NotFound("order", order_id)
    order = resource_or_none(responses["order"])
    return {
        "order": order,
        "shipments": rows_or_none(responses["shipments"]),
        "invoices": rows_or_none(responses["invoices"]),
        "credit": order and _credit(queries, order["customer_id"]),
        "purchase_requests": rows_or_none(responses["purchase_requests"]),
        "correlation_tree": _correlation_tree(queries, responses["first_event"]),
        "sources": queries.sources(),
    }


def _credit(queries: CallerRequests, customer_id: str) -> Any:
    return resource_or_none(queries.get_all({"credit": ("erp", f"/credit/{customer_id}")})["credit"])


def _correlation_tree(queries: CallerRequests, created: HttpResponse | None) -> dict[str, Any] | None:
    """The first event of the order has the correlation by which every service finds the other events."""
    for first in events_in(created):
        return build_tree(first["correlation"], queries.correlated_events(first))
    return None
