"""Settings of the ledger module."""

from decimal import Decimal
from typing import Annotated

from shared.domain import ServiceSettings, value_object
from shared.fields import Kind


@value_object
class LedgerSettings(ServiceSettings):
    """Settings of the ledger module: limit of write-offs of invoices and supplier invoices."""

    write_off_limit: Annotated[Decimal, Kind("number", {"low": 0, "decimals": 2})] = Decimal(5)
    """In the currency of the document: there are no exchange rates."""
