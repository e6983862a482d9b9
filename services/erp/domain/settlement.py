"""Settling: a payment and the documents it is for."""

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from services.erp.domain.invoice import Invoice
from services.erp.domain.payment import Allocation, Direction
from services.erp.domain.supplier_invoice import SupplierInvoice
from shared.domain import Aggregate, Find, InvalidInput, Refused

Document = Invoice | SupplierInvoice

DOCUMENTS: dict[Direction, type[Document]] = {Direction.IN: Invoice, Direction.OUT: SupplierInvoice}
"""What money in and money out is for."""


def settle(
    direction: Direction, payment_id: UUID, party_id: UUID, parts: Iterable[Allocation], on: date, find: Find
) -> Iterator[Aggregate]:
    """Settle each document by its part. Refused, naming the part, with InvalidInput or as the document refuses."""
    for index, part in enumerate(parts):
        field = f"allocations/{index}"
        document = _document(direction, party_id, part.document_id, f"{field}/document_id", find)
        try:
            document.settle(payment_id, part.amount, on)
        except Refused as refusal:
            raise type(refusal)(str(refusal), field=f"{field}/{refusal.field}") from None
        yield document


def reopen(
    direction: Direction, payment_id: UUID, parts: Iterable[Allocation], on: date, find: Find
) -> Iterator[Aggregate]:
    """What the payment settled is open again."""
    for part in parts:
        document = find(DOCUMENTS[direction], part.document_id)
        document.reopen(payment_id, part.amount, on)
        yield document


def _document(direction: Direction, party_id: UUID, document_id: UUID, field: str, find: Find) -> Document:
    kind = DOCUMENTS[direction]
    document = find.maybe(kind, document_id)
    if document is None:
        raise InvalidInput(f"no {kind.__name__.lower()} {document_id}", field=field)
    if document.party_id != party_id:
        raise InvalidInput(f"{document.name} is of somebody else", field=field)
    return document
