"""One order as all four services see it."""

from typing import Any
from uuid import UUID

from gateway.compose.story import story
from gateway.services import LOG, NOT_FOUND, Asking, events_in, found, rows
from gateway.upstream import Answer
from shared.domain import NotFound


def order_view(asking: Asking, order_id: UUID) -> dict[str, Any]:
    """The promise, what was shipped, invoiced and bought for it, the customer's credit, and the whole story.

    Raises NotFound for an order that CRM does not know.
    """
    said = asking.all(
        {
            "order": ("crm", f"/sales-orders/{order_id}"),
            "birth": ("crm", f"{LOG}?aggregate={order_id}&limit=1"),
            "shipments": ("scm", f"/shipments?sales_order_id={order_id}&limit=200"),
            "invoices": ("erp", f"/invoices?sales_order_id={order_id}&limit=200"),
            "purchase_requests": ("srm", f"/purchase-requests?order_id={order_id}&limit=200"),
        }
    )
    if said["order"] is not None and said["order"].status == NOT_FOUND:
        raise NotFound("order", order_id)
    order = found(said["order"])
    return {
        "order": order,
        "shipments": rows(said["shipments"]),
        "invoices": rows(said["invoices"]),
        "credit": order and _credit(asking, order["customer_id"]),
        "purchase_requests": rows(said["purchase_requests"]),
        "story": _story(asking, said["birth"]),
        "sources": asking.sources(),
    }


def _credit(asking: Asking, customer_id: str) -> Any:
    return found(asking.all({"credit": ("erp", f"/credit/{customer_id}")})["credit"])


def _story(asking: Asking, birth: Answer | None) -> dict[str, Any] | None:
    """An aggregate remembers the story it was born in; who knows its birth can ask everybody for the rest."""
    for born in events_in(birth):
        return story(born["correlation"], asking.stories(born))
    return None
