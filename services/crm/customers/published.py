"""Events of customers that other services receive."""

from services.crm.customers.domain.customer import Customer
from shared.contracts import crm, fill_contract
from shared.policies import PublishedEventMappings

published = PublishedEventMappings()


@published.after(Customer.Registered)
def customer_registered(registered: Customer.Registered, customer: Customer) -> crm.CustomerRegistered:
    """Publish a new customer and the terms on which it may order."""
    return fill_contract(crm.CustomerRegistered, registered, customer_id=customer.id)


@published.after(Customer.Renamed)
def customer_renamed(renamed: Customer.Renamed, customer: Customer) -> crm.CustomerRenamed:
    """Publish the new name of a customer."""
    return crm.CustomerRenamed(customer.id, customer.code, renamed.name)


@published.after(Customer.TermsChanged)
def customer_terms_changed(changed: Customer.TermsChanged, customer: Customer) -> crm.CustomerTermsChanged:
    """Publish the customer's payment terms and credit limit as they are now."""
    return crm.CustomerTermsChanged(customer.id, changed.payment_terms_days, changed.credit_limit)
