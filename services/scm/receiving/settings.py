"""Settings of the receiving module."""

from decimal import Decimal

from shared.domain import ServiceSettings, value_object


@value_object
class ReceivingSettings(ServiceSettings):
    """Over-receipt tolerance of purchase orders that name none."""

    over_receipt_percent: Decimal = Decimal(0)
