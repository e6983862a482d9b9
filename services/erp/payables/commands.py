"""Commands of payables."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from services.erp.payables.domain import three_way_matching
from services.erp.payables.domain.invoice_matching import InvoiceMatching
from services.erp.payables.domain.supplier_account import SupplierAccount
from services.erp.payables.domain.supplier_invoice import SupplierInvoice, SupplierInvoiceDetails, SupplierInvoiceLine
from services.erp.payables.domain.supplier_invoice_number import (
    SUPPLIER_INVOICE_NUMBER,
    reserve_number,
    unique_number_key,
)
from shared.commands import Commands
from shared.domain import NotYetAvailable
from shared.fields import EffectiveDate, Id, LongText, Lookup, Text, limits, part_of


@dataclass(frozen=True, kw_only=True)
class SupplierInvoiceHeader:
    """Header of a supplier invoice in a request: supplier, number, purchase order and date."""

    supplier_id: Annotated[Id, Lookup("srm.suppliers")]
    number: Annotated[Text, limits(max=40)]
    purchase_order_id: Annotated[Id, Lookup("srm.purchase-orders")]
    billed_on: EffectiveDate


@dataclass(frozen=True, kw_only=True)
class RecordSupplierInvoice(SupplierInvoiceDetails, SupplierInvoiceHeader):
    """Request to record an invoice of a supplier. The header is the last base, so that its fields are the first."""

    lines: Annotated[tuple[SupplierInvoiceLine, ...], limits(min=1)]


@dataclass(frozen=True, kw_only=True)
class DecideSupplierInvoice:
    """Request to release or reject a blocked supplier invoice, with the reason."""

    reason: LongText
    effective_on: EffectiveDate | None = None


class Payables(Commands):
    """Commands on supplier invoices: record, release and reject them."""

    def record_invoice(self, received: RecordSupplierInvoice) -> SupplierInvoice:
        """Record an invoice: owed if it matches order and receipts, else blocked. Raises AlreadyTaken."""
        matching = self._get_matching(received.purchase_order_id)
        matching.require_ordered(received.supplier_id, received.lines)
        self.uow.join_correlation(matching)
        account = self.uow.get_or_create(SupplierAccount, supplier_id=received.supplier_id)
        invoice = SupplierInvoice.record(
            received.billed_on,
            account.payment_terms_days,
            received.lines,
            supplier_id=received.supplier_id,
            number=received.number,
            purchase_order_id=received.purchase_order_id,
            recorded_by=self.actor,
            details=part_of(SupplierInvoiceDetails, received),
        )
        reserve_number(invoice, self.uow)
        return self.uow.save(invoice, account, *three_way_matching.match_invoice(invoice, matching, self.uow))

    def release_invoice(self, invoice_id: UUID, reason: str) -> SupplierInvoice:
        """Accept a blocked invoice as owed. Raises FourEyesRequired for its recorder, or WrongStatus."""
        invoice = self.uow.get(SupplierInvoice, invoice_id)
        matching = self._get_matching(invoice.purchase_order_id)
        changed = three_way_matching.release_invoice(invoice, matching, reason, self.actor, self.uow)
        return self.uow.save(invoice, *changed)

    def reject_invoice(self, invoice_id: UUID, reason: str) -> SupplierInvoice:
        """Reject a blocked invoice; its number may be used again. Raises WrongStatus."""
        invoice = self.uow.get(SupplierInvoice, invoice_id)
        invoice.reject(reason)
        self.uow.release_unique(SUPPLIER_INVOICE_NUMBER, unique_number_key(invoice.supplier_id, invoice.number))
        matching = self._get_matching(invoice.purchase_order_id)
        matching.withdraw_invoice(invoice_id)
        return self.uow.save(invoice, matching)

    def require_payable(self, supplier_id: UUID) -> None:
        """Require that the supplier is not blocked for payments. Raises SupplierBlockedError."""
        account = self.uow.get_or_none(SupplierAccount, SupplierAccount.create_id(supplier_id))
        if account is not None:
            account.require_payable()
            self.uow.require_unchanged(account)

    def _get_matching(self, purchase_order_id: UUID) -> InvoiceMatching:
        matching = self.uow.get_or_none(InvoiceMatching, InvoiceMatching.create_id(purchase_order_id))
        if matching is None:
            detail = f"purchase order {purchase_order_id} is not sent or not known yet: try again later"
            raise NotYetAvailable(detail, field="purchase_order_id")
        return matching
