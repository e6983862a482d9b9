"""Settings of the receivables module."""

from decimal import Decimal
from typing import Annotated

from shared.domain import ServiceSettings, value_object
from shared.fields import Kind


@value_object
class ReceivablesSettings(ServiceSettings):
    """Settings of the receivables module: limit of write-offs."""

    write_off_limit: Annotated[Decimal, Kind("number", {"low": 0, "decimals": 2})] = Decimal(5)
    """In the base currency."""
