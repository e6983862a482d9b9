"""Events of CRM: customers."""

from uuid import UUID

from shared.contracts import PublishedEvent, register_published_event
from shared.money import Money


@register_published_event("customer")
class CustomerRegistered(PublishedEvent):
    """A customer was registered and may order. `credit_limit` none = unlimited."""

    customer_id: UUID
    code: str
    currency: str
    payment_terms_days: int
    credit_limit: Money | None = None
    name: str | None = None


@register_published_event("customer")
class CustomerRenamed(PublishedEvent):
    """A customer has another name; its code never changes."""

    customer_id: UUID
    code: str
    name: str


@register_published_event("customer")
class CustomerTermsChanged(PublishedEvent):
    """Payment terms or credit limit of a customer changed; both are given with their new values."""

    customer_id: UUID
    payment_terms_days: int
    credit_limit: Money | None = None
