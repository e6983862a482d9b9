"""Duplicates: a supplier invoice is recorded once, however its number is spelled."""

from collections.abc import Callable, Iterator
from itertools import product
from uuid import UUID

from services.erp.payables.domain.similar_invoices import ComparedInvoice, SimilarInvoices
from services.erp.payables.domain.supplier_invoice import SupplierInvoice
from services.erp.payables.domain.supplier_invoice_number import SUPPLIER_INVOICE_NUMBER, digits_of, number_keys
from shared.domain import AlreadyTaken, DomainError, UnitOfWork


class LikelyDuplicate(DomainError):
    """Raised when an invoice resembles an earlier one of its supplier, and no `duplicate_reason` is given."""

    field = "number"


def require_no_duplicate(invoice: SupplierInvoice, uow: UnitOfWork) -> Iterator[SimilarInvoices]:
    """Reserve the number of the invoice for its supplier, and add the invoice to those that later ones are compared to.

    Raises AlreadyTaken for a number that was recorded in any spelling, LikelyDuplicate for an invoice that resembles an
    earlier one, each with the id of the first invoice.
    """
    reserve_number(invoice.supplier_id, invoice.number, invoice.id, uow, field="number")
    new = ComparedInvoice(invoice.id, invoice.number, invoice.billed_on)
    for similar, resembles in _comparisons(invoice, uow):
        first = similar.first_or_none(resembles)
        if first is not None and invoice.details.duplicate_reason is None:
            raise LikelyDuplicate(_detail(first, similar))
        similar.add(new)
        yield similar


def withdraw_from_comparison(invoice: SupplierInvoice, uow: UnitOfWork) -> Iterator[SimilarInvoices]:
    """Compare later invoices with a rejected one no more."""
    for similar, _ in _comparisons(invoice, uow):
        similar.remove(invoice.id)
        yield similar


def unique_numbers(supplier_id: UUID, number: str) -> list[str]:
    """Return the forms of a number that are unique for its supplier."""
    return [f"{supplier_id}/{each}" for each in number_keys(number)]


def reserve_number(supplier_id: UUID, number: str, document_id: UUID, uow: UnitOfWork, *, field: str) -> None:
    """Let no other document of the supplier have this number, in any spelling. Raises AlreadyTaken."""
    for each in unique_numbers(supplier_id, number):
        first_id = uow.get_unique_owner(SUPPLIER_INVOICE_NUMBER, each)
        if first_id is not None:
            first = uow.get_or_none(SupplierInvoice, first_id)
            name = f"{first.name} of {first.billed_on}" if first else f"supplier invoice {number}"
            kind = "" if first else "an opening balance: open item "
            raise AlreadyTaken(f"{name} is already recorded as {kind}{first_id}", field=field)
        uow.reserve_unique(SUPPLIER_INVOICE_NUMBER, each, document_id)


def release_number(supplier_id: UUID, number: str, uow: UnitOfWork) -> None:
    """Let the number of a document that was withdrawn be recorded again."""
    for each in unique_numbers(supplier_id, number):
        uow.release_unique(SUPPLIER_INVOICE_NUMBER, each)


Resembles = Callable[[ComparedInvoice], bool]


def _comparisons(invoice: SupplierInvoice, uow: UnitOfWork) -> Iterator[tuple[SimilarInvoices, Resembles]]:
    """Yield the invoices of the supplier with the same digits, and those with the same total; each with its rule."""

    def is_of_day_or_similar(other: ComparedInvoice) -> bool:
        return other.billed_on == invoice.billed_on or _are_similar(invoice.number, other.number)

    digits = digits_of(invoice.number)
    if digits:
        yield _similar(invoice, f"the digits {digits}", uow), lambda _: True
    yield (
        _similar(invoice, f"the total {invoice.total.amount} {invoice.total.currency}", uow),
        is_of_day_or_similar,
    )


def _are_similar(one: str, other: str) -> bool:
    """Return whether one of two numbers contains the other, or both have the same digits without any zeros."""
    pairs = product(number_keys(one), number_keys(other))
    digits = [digits_of(each).replace("0", "") for each in (one, other)]
    return bool(digits[0] and digits[0] == digits[1]) or any(a in b or b in a for a, b in pairs)


def _similar(invoice: SupplierInvoice, feature: str, uow: UnitOfWork) -> SimilarInvoices:
    return uow.get_or_create(SimilarInvoices, supplier_id=invoice.supplier_id, feature=feature)


def _detail(first: ComparedInvoice, similar: SimilarInvoices) -> str:
    found = f"supplier invoice {first.number} of {first.billed_on} ({first.supplier_invoice_id})"
    return (
        f"likely a duplicate of {found}, which has {similar.feature} too: "
        "give duplicate_reason if it is another invoice"
    )
