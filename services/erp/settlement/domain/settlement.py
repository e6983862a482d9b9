"""Settlement of documents by payments."""

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from services.erp.payables.domain.supplier_invoice import SupplierInvoice
from services.erp.payables.domain.three_way_matching import match_reopened_invoice
from services.erp.receivables.domain.invoice import Invoice
from services.erp.settlement.domain.payment import Allocation, Direction
from shared.domain import Aggregate, DomainError, InvalidInput, UnitOfWork, require_not_before

Document = Invoice | SupplierInvoice

DOCUMENT_TYPES: dict[Direction, type[Document]] = {Direction.IN: Invoice, Direction.OUT: SupplierInvoice}
"""Documents that incoming and outgoing payments settle."""


def apply_allocations(
    direction: Direction,
    payment_id: UUID,
    party_id: UUID,
    parts: Iterable[Allocation],
    on: date,
    uow: UnitOfWork,
    *,
    date_field: str,
) -> Iterator[Aggregate]:
    """Apply each allocation of a payment to its document. Raises InvalidInput or the document's error for it.

    Raises DatedBefore, naming `date_field`, for a day before that of a document.
    """
    for index, part in enumerate(parts):
        field = f"allocations/{index}"
        document = _document(direction, party_id, part.document_id, f"{field}/document_id", uow)
        require_not_before(on, document.dated_on, document.name, field=date_field)
        try:
            document.apply_payment(payment_id, part.amount, on)
        except DomainError as error:
            raise type(error)(str(error), field=f"{field}/{error.field}") from None
        yield document


def reverse_allocations(
    direction: Direction, payment_id: UUID, parts: Iterable[Allocation], on: date, uow: UnitOfWork
) -> Iterator[Aggregate]:
    """Reverse the allocations of a payment: its documents are open again."""
    for part in parts:
        document = uow.get(DOCUMENT_TYPES[direction], part.document_id)
        document.reverse_payment(payment_id, part.amount, on)
        yield document
        if isinstance(document, SupplierInvoice):
            yield from match_reopened_invoice(document, uow)


def _document(direction: Direction, party_id: UUID, document_id: UUID, field: str, uow: UnitOfWork) -> Document:
    kind = DOCUMENT_TYPES[direction]
    document = uow.get_or_none(kind, document_id)
    if document is None:
        raise InvalidInput(f"document {document_id} not found", field=field)
    if document.party_id != party_id:
        raise InvalidInput(f"{document.name} belongs to another party", field=field)
    return document
