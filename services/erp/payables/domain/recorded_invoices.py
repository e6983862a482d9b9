"""RecordedInvoices: the large invoices of a supplier that one person recorded."""

from uuid import UUID

from shared.domain import Aggregate, event


class RecordedInvoices(Aggregate):
    """The invoices of a supplier that one person recorded and may not pay, since they were above the limit then."""

    @classmethod
    def create_id(cls, supplier_id: UUID, person: str) -> UUID:
        return cls.derive_id(supplier_id, person)

    @event("Opened")
    def __init__(self, supplier_id: UUID, person: str) -> None:
        self.supplier_id = supplier_id
        self.person = person
        self.invoice_ids: tuple[UUID, ...] = ()

    @event("Added")
    def add(self, supplier_invoice_id: UUID) -> None:
        self.invoice_ids = (*self.invoice_ids, supplier_invoice_id)
