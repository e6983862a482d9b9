"""Settings of the receiving module."""

from decimal import Decimal

from shared.domain import ServiceSettings, value_object
from shared.fields import Percent


@value_object
class ReceivingSettings(ServiceSettings):
    """Settings of the receiving module: over-receipt tolerance of purchase orders that name none."""

    over_receipt_percent: Percent = Decimal(0)
