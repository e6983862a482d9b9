"""Settings of the payables module."""

from decimal import Decimal

from shared.domain import ServiceSettings, value


@value
class PayablesSettings(ServiceSettings):
    """Tolerances of invoice matching."""

    price_tolerance_percent: Decimal = Decimal(0)
    quantity_tolerance_percent: Decimal = Decimal(0)
