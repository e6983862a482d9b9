"""Settlement of documents by payments and by credit."""

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from services.erp.payables.domain.segregation_of_duties import require_payable_by
from services.erp.payables.domain.supplier_invoice import SupplierInvoice
from services.erp.payables.domain.three_way_matching import match_reopened_invoice
from services.erp.receivables.domain.invoice import Invoice
from services.erp.settlement.domain.open_item import OpenItem, OpenItemSide
from services.erp.settlement.domain.payment import Allocation, Direction
from shared.domain import Aggregate, DomainError, InvalidInput, UnitOfWork, require_not_before

Document = Invoice | SupplierInvoice | OpenItem

DOCUMENT_TYPES: dict[Direction, tuple[type[Document], ...]] = {
    Direction.IN: (Invoice, OpenItem),
    Direction.OUT: (SupplierInvoice, OpenItem),
}
"""Documents that incoming and outgoing payments settle."""

DIRECTIONS = {OpenItemSide.RECEIVABLE: Direction.IN, OpenItemSide.PAYABLE: Direction.OUT}
"""The direction of the payments that settle the items of a side."""


def apply_allocations(
    direction: Direction,
    settled_by: UUID,
    party_id: UUID,
    parts: Iterable[Allocation],
    on: date,
    uow: UnitOfWork,
    *,
    by: str,
    date_field: str,
) -> Iterator[Aggregate]:
    """Apply each allocation of a payment, or of credit, to its document; `by` is the person who pays.

    Raises InvalidInput or the document's error for it, FourEyesRequired for a supplier invoice that another person
    must pay, and DatedBefore, naming `date_field`, for a day before that of a document.
    """
    for index, part in enumerate(parts):
        field = f"allocations/{index}"
        document = _document(direction, party_id, part.document_id, f"{field}/document_id", uow)
        require_not_before(on, document.dated_on, document.name, field=date_field)
        try:
            if direction == Direction.OUT and not isinstance(document, Invoice):
                require_payable_by(by, document, uow)
            document.settle(settled_by, part.amount, on)
        except DomainError as error:
            raise type(error)(str(error), field=f"{field}/{error.field}") from None
        yield document


def days_of_documents(direction: Direction, parts: Iterable[Allocation], uow: UnitOfWork) -> Iterator[date]:
    """Yield the days of the documents of allocations, as far as they are known: none is settled before its own."""
    for part in parts:
        document = _get_or_none(direction, part.document_id, uow)
        if document is not None:
            yield document.dated_on


def reverse_allocations(
    direction: Direction, settled_by: UUID, parts: Iterable[Allocation], on: date, uow: UnitOfWork
) -> Iterator[Aggregate]:
    """Reverse the allocations of a payment, or of credit: its documents are open again."""
    for part in parts:
        document = _get_or_none(direction, part.document_id, uow)
        assert document is not None, "it was settled"
        document.reopen(settled_by, part.amount, on)
        yield document
        if isinstance(document, SupplierInvoice):
            yield from match_reopened_invoice(document, uow)


def _document(direction: Direction, party_id: UUID, document_id: UUID, field: str, uow: UnitOfWork) -> Document:
    document = _get_or_none(direction, document_id, uow)
    if document is None:
        raise InvalidInput(f"document {document_id} not found", field=field)
    if document.party_id != party_id:
        raise InvalidInput(f"{document.name} belongs to another party", field=field)
    return document


def _get_or_none(direction: Direction, document_id: UUID, uow: UnitOfWork) -> Document | None:
    """Return the document, or None for an unknown one and for one that payments of the other direction settle."""
    for kind in DOCUMENT_TYPES[direction]:
        document: Document | None = uow.get_or_none(kind, document_id)
        if document is not None:
            return document if _is_settled_by(direction, document) else None
    return None


def _is_settled_by(direction: Direction, document: Document) -> bool:
    return not isinstance(document, OpenItem) or DIRECTIONS[document.side] == direction
