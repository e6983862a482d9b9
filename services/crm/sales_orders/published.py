"""Events of sales orders that other services receive."""

from services.crm.sales_orders.domain.order_terms import AmendableTerms
from services.crm.sales_orders.domain.sales_order import SalesOrder
from shared.contracts import crm, fill_contract
from shared.policies import PublishedEventMappings

published = PublishedEventMappings()


@published.after(SalesOrder.Placed)
def sales_order_placed(placed: SalesOrder.Placed, order: SalesOrder) -> crm.SalesOrderPlaced:
    """Publish the order as it was placed."""
    lines = _lines(order.terms)
    return fill_contract(
        crm.SalesOrderPlaced, placed, order.terms, order.details, order, order_id=order.id, lines=lines
    )


@published.after(SalesOrder.AmendmentRequested)
def amendment_requested(
    requested: SalesOrder.AmendmentRequested, order: SalesOrder
) -> crm.SalesOrderAmendmentRequested:
    """Publish the requested terms: ERP checks the credit, SCM decides."""
    lines = _lines(requested.terms)
    return fill_contract(
        crm.SalesOrderAmendmentRequested, requested, requested.terms, order, order_id=order.id, lines=lines
    )


def _lines(terms: AmendableTerms) -> tuple[crm.OrderLine, ...]:
    return tuple(fill_contract(crm.OrderLine, line) for line in terms.lines)


@published.after(SalesOrder.CancellationRequested)
def cancellation_requested(
    requested: SalesOrder.CancellationRequested, order: SalesOrder
) -> crm.SalesOrderCancellationRequested:
    """Publish the request to cancel a placed order: SCM decides."""
    return crm.SalesOrderCancellationRequested(order.id, requested.reason)
