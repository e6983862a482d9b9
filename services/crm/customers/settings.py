"""Settings of the customers module."""

from shared.domain import ServiceSettings, value_object
from shared.fields import Days


@value_object
class CustomersSettings(ServiceSettings):
    """Settings of the customers module: the default payment terms of new customers."""

    payment_terms_days: Days = 30
