"""Settings of SCM."""

from decimal import Decimal

from shared.domain import ServiceSettings, value


@value
class Settings(ServiceSettings):
    """Warehouse and over-receipt tolerance of orders that name none."""

    default_warehouse: str | None = None
    over_receipt_percent: Decimal = Decimal(0)
