"""Settings of the payables module."""

from decimal import Decimal
from typing import Annotated

from shared.domain import ServiceSettings, value_object
from shared.fields import Kind, Percent


@value_object
class PayablesSettings(ServiceSettings):
    """Settings of the payables module: tolerances of invoice matching, and what one person may record and pay."""

    price_tolerance_percent: Percent = Decimal(0)
    quantity_tolerance_percent: Percent = Decimal(0)
    record_and_pay_limit: Annotated[Decimal, Kind("number", {"low": 0, "decimals": 2})] | None = Decimal(10_000)
    """The highest total of a supplier invoice that its recorder may pay; none: any. In the currency of the invoice."""
