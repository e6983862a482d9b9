"""Settings of SRM."""

from shared import settings
from shared.domain import value


@value
class Settings(settings.ServiceSettings):
    """Default terms of new suppliers."""

    payment_terms_days: int = 30
