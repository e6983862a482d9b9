"""Settings of the firm for accounting."""

from decimal import Decimal

from shared.domain import DomainError, ServiceSettings, value


class BaseCurrencyFixed(DomainError):
    """Raised when the base currency is to be changed after the first posting."""


@value
class Settings(ServiceSettings):
    """Tolerances of invoice matching, and the limit of write-offs."""

    price_tolerance_percent: Decimal = Decimal(0)
    quantity_tolerance_percent: Decimal = Decimal(0)
    write_off_limit: Decimal = Decimal(5)
    """In the base currency."""
