"""Settings of SCM."""

from decimal import Decimal

from shared import settings
from shared.domain import value


@value
class Settings(settings.ServiceSettings):
    """Warehouse and over-receipt tolerance of orders that name none."""

    default_warehouse: str | None = None
    over_receipt_percent: Decimal = Decimal(0)
