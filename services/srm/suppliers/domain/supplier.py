"""Supplier: a seller with its contacts, addresses, terms and blocks."""

from enum import StrEnum
from uuid import UUID

from shared.domain import Aggregate, DomainError, InvalidInput, NotFound, PersonalData, event, value_object
from shared.money import Money

SUPPLIER_CODE = "supplier.code"


class ForeignCurrency(InvalidInput):
    """Raised when an amount is in another currency than its supplier or order."""


class SupplierBlockedError(DomainError):
    """Raised when the supplier is blocked for the purpose."""


class BlockPurpose(StrEnum):
    """What a block stops: sending orders, or paying invoices."""

    ORDERS = "orders"
    PAYMENTS = "payments"


class AddressKind(StrEnum):
    """What an address of a supplier is for: billing or shipping."""

    BILLING = "billing"
    SHIPPING = "shipping"


@value_object
class Address:
    """A billing or shipping address of the supplier."""

    kind: AddressKind
    street: str
    city: str
    country: str
    region: str | None = None
    postal_code: str | None = None


@value_object
class Contact:
    """A person at the supplier; each field is encrypted with that person's own key."""

    id: UUID
    name: PersonalData
    title: PersonalData | None = None
    email: PersonalData | None = None
    phone: PersonalData | None = None


@value_object
class Block:
    """Reason of a block, and the user that set it."""

    reason: str
    by: str


class Supplier(Aggregate):
    """A seller with one currency, registered once; blocked and unblocked per purpose."""

    @event("Registered")
    def __init__(
        self,
        code: str,
        name: str,
        currency: str,
        contacts: tuple[Contact, ...] = (),
        addresses: tuple[Address, ...] = (),
        payment_terms_days: int = 30,
        tax_id: str | None = None,
        iban: PersonalData | None = None,
        id: UUID | None = None,  # noqa: A002 (the library's name)
    ) -> None:
        self.code = code
        self.name = name
        self.currency = currency
        self.contacts = contacts
        self.addresses = addresses
        self.payment_terms_days = payment_terms_days
        self.tax_id = tax_id
        self.iban = iban
        self.erased_contact_ids: set[UUID] = set()
        self.blocks: dict[BlockPurpose, Block] = {}

    def require_currency(self, currency: str) -> None:
        """Raise ForeignCurrency unless it is the supplier's currency."""
        if currency != self.currency:
            raise ForeignCurrency(f"supplier {self.code} sells in {self.currency}, not in {currency}", field="currency")

    def block(self, purposes: tuple[BlockPurpose, ...], reason: str, by: str) -> None:
        """Block orders, payments or both; a second block of a purpose replaces its reason."""
        self._blocked(purposes=purposes, reason=reason, blocked_by=by)

    def unblock(self, purposes: tuple[BlockPurpose, ...], by: str) -> None:
        """Lift the blocks of these purposes, if there are any."""
        lifted = tuple(purpose for purpose in purposes if purpose in self.blocks)
        if lifted:
            self._unblocked(purposes=lifted, unblocked_by=by)

    def require_unblocked(self, purpose: BlockPurpose) -> None:
        """Raise SupplierBlockedError, with the reason and the user, if the purpose is blocked."""
        block = self.blocks.get(purpose)
        if block is not None:
            raise SupplierBlockedError(f"supplier {self.code} is blocked for {purpose} by {block.by}: {block.reason}")

    def erase_contact(self, contact_id: UUID) -> None:
        """Remove a contact for good. A second call has no effect."""
        if contact_id in self.erased_contact_ids:
            return
        if contact_id not in {contact.id for contact in self.contacts}:
            raise NotFound("contact", contact_id)
        self._contact_erased(contact_id=contact_id)

    @event("Blocked")
    def _blocked(self, purposes: tuple[BlockPurpose, ...], reason: str, blocked_by: str) -> None:
        for purpose in purposes:
            self.blocks[purpose] = Block(reason, blocked_by)

    @event("Unblocked")
    def _unblocked(self, purposes: tuple[BlockPurpose, ...], unblocked_by: str) -> None:
        for purpose in purposes:
            self.blocks.pop(purpose, None)

    @event("ContactErased")
    def _contact_erased(self, contact_id: UUID) -> None:
        self.contacts = tuple(contact for contact in self.contacts if contact.id != contact_id)
        self.erased_contact_ids.add(contact_id)


def require_amount_in_currency(currency: str, amount: Money, field: str) -> None:
    """Raise ForeignCurrency, naming `field`, if the amount is in another currency."""
    if amount.currency != currency:
        raise ForeignCurrency(f"{amount} must be in {currency}", field=field)
