"""Settings of the customers module."""

from shared.domain import ServiceSettings, value


@value
class CustomersSettings(ServiceSettings):
    """Default terms of new customers."""

    payment_terms_days: int = 30
