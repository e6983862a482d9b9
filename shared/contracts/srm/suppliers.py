"""Events of SRM: suppliers."""

from uuid import UUID

from shared.contracts import Contract, published_event


@published_event("supplier")
class SupplierRegistered(Contract):
    """A supplier was registered and may receive orders and payments."""

    supplier_id: UUID
    code: str
    currency: str
    payment_terms_days: int


@published_event("supplier")
class SupplierBlocked(Contract):
    """A supplier was blocked for these purposes (`orders`, `payments`) until it is unblocked."""

    supplier_id: UUID
    purposes: tuple[str, ...]
    reason: str


@published_event("supplier")
class SupplierUnblocked(Contract):
    """The block of a supplier was lifted for these purposes."""

    supplier_id: UUID
    purposes: tuple[str, ...]
