"""What the firm decides for its books."""

from decimal import Decimal

from shared import settings
from shared.domain import Refused, value


class BaseCurrencyFixed(Refused):
    """Once something is posted the books stay in their currency."""


@value
class Settings(settings.Settings):
    """How much may differ before a person has to look."""

    price_tolerance_percent: Decimal = Decimal(0)
    quantity_tolerance_percent: Decimal = Decimal(0)
    write_off_limit: Decimal = Decimal(5)
    """In the base currency."""
