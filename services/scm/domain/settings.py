"""What the firm decides for its stock."""

from decimal import Decimal

from shared import settings
from shared.domain import value


@value
class Settings(settings.Settings):
    """Where goods come to, and how many more than ordered may come, where nothing else is said."""

    default_warehouse: str | None = None
    over_receipt_percent: Decimal = Decimal(0)
