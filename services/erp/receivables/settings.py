"""Settings of the receivables module."""

from typing import Annotated

from shared.domain import ServiceSettings, value_object
from shared.fields import Code, limits


@value_object
class ReceivablesSettings(ServiceSettings):
    """Settings of the receivables module: how invoices are numbered, by default 1, 2, 3."""

    invoice_number_prefix: Annotated[Code, limits(max=20)] | None = None
    invoice_number_has_year: bool = False
