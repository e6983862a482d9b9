"""Settings of SRM."""

from shared.domain import ServiceSettings, value


@value
class Settings(ServiceSettings):
    """Default terms of new suppliers."""

    payment_terms_days: int = 30
