"""Segregation of duties: who may pay what is owed to a supplier, however it is paid."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from services.erp.entities.domain.chart_of_accounts import AccountRole
from services.erp.ledger.domain.journal_entry import Posting
from services.erp.payables.domain.recorded_invoices import RecordedInvoices
from services.erp.payables.domain.supplier_invoice import Status, SupplierInvoice
from services.erp.payables.settings import PayablesSettings
from shared.domain import FourEyesRequired, UnitOfWork
from shared.money import Money, plain_number

NOTHING_OWED = (Status.PAID, Status.REJECTED)


class RecordedDocument(Protocol):
    """Protocol of what is owed to a supplier: a supplier invoice, or an item that was booked by hand."""

    @property
    def name(self) -> str: ...

    @property
    def owed_in_all(self) -> Money: ...

    @property
    def recorder(self) -> str | None: ...


def note_recorder(invoice: SupplierInvoice, uow: UnitOfWork) -> Iterator[RecordedInvoices]:
    """Keep that a person recorded the invoice, if it is too large for its recorder to pay it."""
    if _needs_another_person(invoice.recorded_by, invoice, uow):
        recorded = uow.get_or_create(RecordedInvoices, supplier_id=invoice.supplier_id, person=invoice.recorded_by)
        recorded.add(invoice.id)
        yield recorded


def require_payable_by(person: str, document: RecordedDocument, uow: UnitOfWork) -> None:
    """Require another person than its recorder to pay a total above the firm's limit. Raises FourEyesRequired."""
    if _needs_another_person(person, document, uow):
        raise FourEyesRequired(_detail(document, "pay it", uow), field="document_id")


def require_postable_by(person: str, postings: Iterable[Posting], uow: UnitOfWork) -> None:
    """Require another person to lower by hand what is owed to a supplier, of whom the person recorded a large invoice.

    Raises FourEyesRequired while the invoice is not paid, whatever the amount and the other accounts are.
    """
    for place, each in enumerate(postings):
        if each.role == AccountRole.PAYABLES and each.debit and each.party:
            for invoice in _unpaid_invoices(each.party, person, uow):
                if _needs_another_person(person, invoice, uow):
                    detail = _detail(invoice, "post entries that lower what is owed to the supplier", uow)
                    raise FourEyesRequired(detail, field=f"lines/{place}/party")


def _unpaid_invoices(supplier_id: UUID, person: str, uow: UnitOfWork) -> Iterator[SupplierInvoice]:
    """Yield the unpaid large invoices of the supplier that the person recorded."""
    recorded = uow.get_or_none(RecordedInvoices, RecordedInvoices.create_id(supplier_id, person))
    invoices = (uow.get(SupplierInvoice, each) for each in (recorded.invoice_ids if recorded else ()))
    return (each for each in invoices if each.status not in NOTHING_OWED)


def _needs_another_person(person: str, document: RecordedDocument, uow: UnitOfWork) -> bool:
    limit = _limit(uow)
    return person == document.recorder and limit is not None and document.owed_in_all.amount > limit


def _limit(uow: UnitOfWork) -> Decimal | None:
    """Return the largest total that its recorder may pay; none if they may pay any."""
    return uow.get_settings(PayablesSettings).record_and_pay_limit


def _detail(document: RecordedDocument, purpose: str, uow: UnitOfWork) -> str:
    limit = plain_number(_limit(uow) or Decimal(0))
    rule = f"above {limit} one person may not record and pay an invoice, so another accountant must {purpose}"
    return f"{document.name} of {document.owed_in_all} was recorded by {document.recorder}: {rule}"
