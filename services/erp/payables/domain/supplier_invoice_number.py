"""Numbers of supplier invoices: normalised, and unique per supplier."""

import re
from uuid import UUID

from services.erp.payables.domain.supplier_invoice import SupplierInvoice
from shared.domain import AlreadyTaken, UnitOfWork, fold_text

SUPPLIER_INVOICE_NUMBER = "supplier_invoice.number"

_BLANKS = re.compile(r"\s+")
_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


def reserve_number(invoice: SupplierInvoice, uow: UnitOfWork) -> None:
    """Reserve the number of the invoice for its supplier. Raises AlreadyTaken with the id of the first invoice."""
    normalised = unique_number_key(invoice.supplier_id, invoice.number)
    first_id = uow.get_unique_owner(SUPPLIER_INVOICE_NUMBER, normalised)
    if first_id is not None:
        first = uow.get(SupplierInvoice, first_id)
        raise AlreadyTaken(f"{first.name} of {first.billed_on} is already recorded as {first.id}", field="number")
    uow.reserve_unique(SUPPLIER_INVOICE_NUMBER, normalised, invoice.id)


def unique_number_key(supplier_id: UUID, number: str) -> str:
    """Return the key by which a supplier's number is unique: folded, without blanks and leading zeros, O as 0."""
    digits = _BLANKS.sub("", fold_text(number)).replace("o", "0")
    return f"{supplier_id}/{_LEADING_ZEROS.sub('', digits)}"
