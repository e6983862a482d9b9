"""What others may hear of CRM, and in what words."""

from services.crm.domain.customer import Customer
from services.crm.domain.sales_order import SalesOrder
from shared.contracts import crm
from shared.policy import Published

published = Published()


@published.after(Customer.Registered)
def customer_registered(registered: Customer.Registered, customer: Customer) -> crm.CustomerRegistered:
    """Someone may order from now on, and on what terms."""
    return crm.CustomerRegistered(
        customer.id, registered.code, registered.currency, registered.payment_terms_days, registered.credit_limit
    )


@published.after(Customer.TermsChanged)
def customer_terms_changed(changed: Customer.TermsChanged, customer: Customer) -> crm.CustomerTermsChanged:
    """The customer's terms as they stand from now on."""
    return crm.CustomerTermsChanged(customer.id, changed.payment_terms_days, changed.credit_limit)


@published.after(SalesOrder.Placed)
def sales_order_placed(placed: SalesOrder.Placed, order: SalesOrder) -> crm.SalesOrderPlaced:
    """The order as it stood when it was placed."""
    return crm.SalesOrderPlaced(
        order_id=order.id,
        number=order.number,
        customer_id=order.customer_id,
        currency=order.currency,
        ordered_on=placed.ordered_on,
        required_on=order.required_on,
        warehouse=order.warehouse,
        backorder=order.backorder,
        payment_terms_days=placed.payment_terms_days,
        lines=tuple(
            crm.OrderLine(line.line, line.sku, line.quantity, line.unit_price, line.discount_percent)
            for line in order.lines
        ),
        freight=order.freight,
        total=placed.total,
    )


@published.after(SalesOrder.CancellationRequested)
def cancellation_requested(
    requested: SalesOrder.CancellationRequested, order: SalesOrder
) -> crm.SalesOrderCancellationRequested:
    """A placed order shall be stopped, if it still can be."""
    return crm.SalesOrderCancellationRequested(order.id, requested.reason)
