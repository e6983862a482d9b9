"""SupplierAccount: when a supplier is paid, and whether he may be."""

from uuid import UUID

from shared.domain import Aggregate, Refused, event

USUAL_TERMS_DAYS = 30


class SupplierBlocked(Refused):
    """Nothing is paid to the supplier until the block is lifted."""


class SupplierAccount(Aggregate):
    """What the books know of a supplier. Before his terms are heard the usual ones hold."""

    @classmethod
    def create_id(cls, supplier_id: UUID) -> UUID:
        return cls.derive_id(supplier_id)

    @event("Opened")
    def __init__(self, supplier_id: UUID) -> None:
        self.supplier_id = supplier_id
        self.payment_terms_days = USUAL_TERMS_DAYS
        self.block: str | None = None

    def require_payable(self) -> None:
        """Refused with SupplierBlocked, saying why and what to do."""
        if self.block is not None:
            detail = f"supplier {self.supplier_id} is blocked for payments ({self.block}): have the block lifted in SRM"
            raise SupplierBlocked(detail, field="party_id")

    @event("TermsAgreed")
    def agree_terms(self, payment_terms_days: int) -> None:
        self.payment_terms_days = payment_terms_days

    @event("PaymentsBlocked")
    def block_payments(self, reason: str) -> None:
        self.block = reason

    @event("PaymentsUnblocked")
    def unblock_payments(self) -> None:
        self.block = None
