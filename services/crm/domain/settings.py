"""Settings of CRM."""

from shared.domain import ServiceSettings, value


@value
class Settings(ServiceSettings):
    """Default terms of new customers."""

    payment_terms_days: int = 30
