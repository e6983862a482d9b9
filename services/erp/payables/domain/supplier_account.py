"""SupplierAccount: payment terms and payment block of a supplier."""

from uuid import UUID

from shared.domain import Aggregate, DomainError, event

DEFAULT_PAYMENT_TERMS_DAYS = 30


class SupplierBlockedError(DomainError):
    """Raised when a supplier that is blocked for payments is to be paid."""


class SupplierAccount(Aggregate):
    """Payment terms and payment block of a supplier. Default terms apply until the agreed ones are known."""

    @classmethod
    def create_id(cls, supplier_id: UUID) -> UUID:
        return cls.derive_id(supplier_id)

    @event("Opened")
    def __init__(self, supplier_id: UUID) -> None:
        self.supplier_id = supplier_id
        self.payment_terms_days = DEFAULT_PAYMENT_TERMS_DAYS
        self.payment_block_reason: str | None = None

    def require_payable(self) -> None:
        """Require that no block is set. Raises SupplierBlockedError with the reason."""
        if self.payment_block_reason is not None:
            blocked = f"the supplier is blocked for payments ({self.payment_block_reason})"
            raise SupplierBlockedError(f"{blocked}: lift the block in SRM first", field="party_id")

    @event("TermsAgreed")
    def agree_terms(self, payment_terms_days: int) -> None:
        self.payment_terms_days = payment_terms_days

    @event("PaymentsBlocked")
    def block_payments(self, reason: str) -> None:
        self.payment_block_reason = reason

    @event("PaymentsUnblocked")
    def unblock_payments(self) -> None:
        self.payment_block_reason = None
