"""Events that CRM publishes to the other services."""

from services.crm.domain.customer import Customer
from services.crm.domain.order_terms import OrderTerms
from services.crm.domain.sales_order import SalesOrder
from shared.contracts import contract_from, crm
from shared.policies import PublishedEvents

published = PublishedEvents()


@published.after(Customer.Registered)
def customer_registered(registered: Customer.Registered, customer: Customer) -> crm.CustomerRegistered:
    """Publish a new customer and the terms on which it may order."""
    return contract_from(crm.CustomerRegistered, registered, customer_id=customer.id)


@published.after(Customer.TermsChanged)
def customer_terms_changed(changed: Customer.TermsChanged, customer: Customer) -> crm.CustomerTermsChanged:
    """Publish the customer's payment terms and credit limit as they are now."""
    return crm.CustomerTermsChanged(customer.id, changed.payment_terms_days, changed.credit_limit)


@published.after(SalesOrder.Placed)
def sales_order_placed(placed: SalesOrder.Placed, order: SalesOrder) -> crm.SalesOrderPlaced:
    """Publish the order as it was placed."""
    lines = _lines(order.terms)
    return contract_from(crm.SalesOrderPlaced, placed, order.terms, order, order_id=order.id, lines=lines)


@published.after(SalesOrder.AmendmentRequested)
def amendment_requested(
    requested: SalesOrder.AmendmentRequested, order: SalesOrder
) -> crm.SalesOrderAmendmentRequested:
    """Publish the requested terms: ERP checks the credit, SCM decides."""
    lines = _lines(requested.terms)
    return contract_from(
        crm.SalesOrderAmendmentRequested, requested, requested.terms, order, order_id=order.id, lines=lines
    )


def _lines(terms: OrderTerms) -> tuple[crm.OrderLine, ...]:
    return tuple(contract_from(crm.OrderLine, line) for line in terms.lines)


@published.after(SalesOrder.CancellationRequested)
def cancellation_requested(
    requested: SalesOrder.CancellationRequested, order: SalesOrder
) -> crm.SalesOrderCancellationRequested:
    """Publish the request to cancel a placed order: SCM decides."""
    return crm.SalesOrderCancellationRequested(order.id, requested.reason)
