"""The number of a supplier's bill: one spelling, and each number once."""

import re
from unicodedata import normalize
from uuid import UUID

from services.erp.domain.supplier_invoice import SupplierInvoice
from shared.domain import AlreadyTaken, Find

NUMBER = "supplier_invoice.number"

_BLANKS = re.compile(r"\s+")
_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


def claim_number(bill: SupplierInvoice, find: Find) -> None:
    """A supplier's bill comes once. Refused with AlreadyTaken, naming the first."""
    claimed = one_spelling(bill.supplier_id, bill.number)
    holder = find.owner(NUMBER, claimed)
    if holder is not None:
        first = find(SupplierInvoice, holder)
        raise AlreadyTaken(f"this supplier's {first.name} of {first.billed_on} is there as {first.id}", field="number")
    find.claim(NUMBER, claimed, bill.id)


def one_spelling(supplier_id: UUID, number: str) -> str:
    """One spelling of all in which people write a number: case, blanks, leading zeros, O and 0 make no difference."""
    digits = _BLANKS.sub("", normalize("NFKC", number)).upper().replace("O", "0")
    return f"{supplier_id}/{_LEADING_ZEROS.sub('', digits)}"
