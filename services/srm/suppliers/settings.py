"""Settings of the suppliers module."""

from shared.domain import ServiceSettings, value_object
from shared.fields import Days


@value_object
class SuppliersSettings(ServiceSettings):
    """Settings of the suppliers module: default terms of new suppliers."""

    payment_terms_days: Days = 30
