"""Projection of customers."""

from typing import Any

from services.crm.customers.domain.customer import Customer
from shared.contacts import SHOWN_ADDRESS, SHOWN_CONTACT
from shared.fields import Code, Currency, PersonalText
from shared.money import Money
from shared.projections import ResourceProjection


class Customers(ResourceProjection):
    """All customers; personal fields are stored encrypted."""

    aggregate_class = Customer
    has_history = True
    columns = {
        "code": Code, "name": str, "currency": Currency, "payment_terms_days": int, "credit_limit": Money | None,
        "owner": str | None,
    }  # fmt: skip
    search = ("code", "name")
    owned_by = "owner"
    extra_fields = {
        "email": PersonalText, "phone": PersonalText, "tax_id": PersonalText,
        "contacts": [SHOWN_CONTACT],
        "addresses": [SHOWN_ADDRESS],
    }  # fmt: skip

    @staticmethod
    def to_row(customer: Customer) -> dict[str, Any]:
        return {
            "code": customer.code,
            "name": customer.name,
            "currency": customer.currency,
            "email": customer.email,
            "phone": customer.phone,
            "tax_id": customer.tax_id,
            "contacts": customer.contacts,
            "addresses": customer.addresses,
            "payment_terms_days": customer.payment_terms_days,
            "credit_limit": customer.credit_limit,
            "owner": customer.owner,
        }
