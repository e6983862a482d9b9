"""What others may hear of CRM, and in what words."""

from services.crm.domain.customer import Customer
from services.crm.domain.order_terms import OrderTerms
from services.crm.domain.sales_order import SalesOrder
from shared.contracts import crm, told
from shared.policy import Published

published = Published()


@published.after(Customer.Registered)
def customer_registered(registered: Customer.Registered, customer: Customer) -> crm.CustomerRegistered:
    """Someone may order from now on, and on what terms."""
    return told(crm.CustomerRegistered, registered, customer_id=customer.id)


@published.after(Customer.TermsChanged)
def customer_terms_changed(changed: Customer.TermsChanged, customer: Customer) -> crm.CustomerTermsChanged:
    """The customer's terms as they stand from now on."""
    return crm.CustomerTermsChanged(customer.id, changed.payment_terms_days, changed.credit_limit)


@published.after(SalesOrder.Placed)
def sales_order_placed(placed: SalesOrder.Placed, order: SalesOrder) -> crm.SalesOrderPlaced:
    """The order as it stood when it was placed."""
    lines = _lines(order.terms)
    return told(crm.SalesOrderPlaced, placed, order.terms, order, order_id=order.id, lines=lines)


@published.after(SalesOrder.AmendmentRequested)
def amendment_requested(
    requested: SalesOrder.AmendmentRequested, order: SalesOrder
) -> crm.SalesOrderAmendmentRequested:
    """A placed order shall be changed, if it still can be and credit stands for it."""
    lines = _lines(requested.terms)
    return told(crm.SalesOrderAmendmentRequested, requested, requested.terms, order, order_id=order.id, lines=lines)


def _lines(terms: OrderTerms) -> tuple[crm.OrderLine, ...]:
    return tuple(told(crm.OrderLine, line) for line in terms.lines)


@published.after(SalesOrder.CancellationRequested)
def cancellation_requested(
    requested: SalesOrder.CancellationRequested, order: SalesOrder
) -> crm.SalesOrderCancellationRequested:
    """A placed order shall be stopped, if it still can be."""
    return crm.SalesOrderCancellationRequested(order.id, requested.reason)
