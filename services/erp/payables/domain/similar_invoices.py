"""SimilarInvoices: invoices of a supplier that share a feature, with which new ones are compared."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from shared.domain import Aggregate, event, value_object


@value_object
class ComparedInvoice:
    """What new invoices are compared with: number and date of an earlier one."""

    supplier_invoice_id: UUID
    number: str
    billed_on: date


class SimilarInvoices(Aggregate):
    """Invoices of a supplier with the same feature: the same digits in the number, or the same total."""

    @classmethod
    def create_id(cls, supplier_id: UUID, feature: str) -> UUID:
        return cls.derive_id(supplier_id, feature)

    @event("Opened")
    def __init__(self, supplier_id: UUID, feature: str) -> None:
        self.supplier_id = supplier_id
        self.feature = feature
        self.invoices: dict[UUID, ComparedInvoice] = {}

    def first_or_none(self, condition: Callable[[ComparedInvoice], bool]) -> ComparedInvoice | None:
        """Return the first invoice that meets the condition, or None."""
        return next(filter(condition, self.invoices.values()), None)

    def add(self, invoice: ComparedInvoice) -> None:
        """Compare later invoices with this one."""
        self._invoice_added(invoice=invoice)

    def remove(self, supplier_invoice_id: UUID) -> None:
        """Compare no later invoice with this one any more."""
        self._invoice_removed(supplier_invoice_id=supplier_invoice_id)

    @event("InvoiceAdded")
    def _invoice_added(self, invoice: ComparedInvoice) -> None:
        self.invoices[invoice.supplier_invoice_id] = invoice

    @event("InvoiceRemoved")
    def _invoice_removed(self, supplier_invoice_id: UUID) -> None:
        self.invoices.pop(supplier_invoice_id, None)
