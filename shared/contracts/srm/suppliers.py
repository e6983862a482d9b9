"""Events of SRM: suppliers."""

from uuid import UUID

from shared.contracts import PublishedEvent, register_published_event


@register_published_event("supplier")
class SupplierRegistered(PublishedEvent):
    """A supplier was registered and may receive orders and payments."""

    supplier_id: UUID
    code: str
    currency: str
    payment_terms_days: int
    name: str | None = None


@register_published_event("supplier")
class SupplierRevised(PublishedEvent):
    """A supplier was changed; the payment terms apply to invoices recorded from now on."""

    supplier_id: UUID
    code: str
    currency: str
    payment_terms_days: int
    name: str | None = None


@register_published_event("supplier")
class SupplierBlocked(PublishedEvent):
    """A supplier was blocked for these purposes (`orders`, `payments`) until it is unblocked."""

    supplier_id: UUID
    purposes: tuple[str, ...]
    reason: str


@register_published_event("supplier")
class SupplierUnblocked(PublishedEvent):
    """The block of a supplier was lifted for these purposes."""

    supplier_id: UUID
    purposes: tuple[str, ...]
