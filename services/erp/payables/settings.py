"""Settings of the payables module."""

from decimal import Decimal

from shared.domain import ServiceSettings, value_object
from shared.fields import Percent


@value_object
class PayablesSettings(ServiceSettings):
    """Settings of the payables module: tolerances of invoice matching."""

    price_tolerance_percent: Percent = Decimal(0)
    quantity_tolerance_percent: Percent = Decimal(0)
