"""Numbers of customer invoices: gapless in each series."""

from dataclasses import dataclass
from datetime import date

from services.erp.entities.domain.entity_code import series_of
from services.erp.receivables.settings import ReceivablesSettings
from shared.domain import UnitOfWork

INVOICE_SERIES = "invoices"
SERIES_BY_START = "invoices:{start}"
"""Series of numbers that begin with a prefix, a year or both."""
DIGITS = 5


@dataclass(frozen=True, slots=True)
class InvoiceNumber:
    """The number of an invoice as printed, and its series."""

    series: str
    number: str


def next_invoice_number(invoiced_on: date, uow: UnitOfWork) -> InvoiceNumber:
    """Return the next number as the settings want it: `17`, `INV-00017`, `2026-00017` or `INV-2026-00017`.

    Numbers with the same beginning are one series, which begins with 1: each year has its own if it is in the number.
    """
    settings = uow.get_settings(ReceivablesSettings)
    year = [str(invoiced_on.year)] if settings.invoice_number_has_year else []
    start = "-".join([*([settings.invoice_number_prefix] if settings.invoice_number_prefix else []), *year])
    if not start:
        return InvoiceNumber(INVOICE_SERIES, str(uow.next_number(series_of(INVOICE_SERIES))))
    ordinal = uow.next_number(SERIES_BY_START.format(start=start))
    return InvoiceNumber(SERIES_BY_START.format(start=start), f"{start}-{ordinal:0{DIGITS}}")
