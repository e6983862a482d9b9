"""Settings of the receivables module."""

from decimal import Decimal

from shared.domain import ServiceSettings, value_object


@value_object
class ReceivablesSettings(ServiceSettings):
    """Settings of the receivables module: limit of write-offs."""

    write_off_limit: Decimal = Decimal(5)
    """In the base currency."""
