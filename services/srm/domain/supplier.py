"""Who the firm buys from, and what is stopped with them."""

from enum import StrEnum
from uuid import UUID

from shared.domain import Aggregate, InvalidInput, NotFound, Personal, Refused, event, value
from shared.money import Money

CODE = "supplier.code"


class ForeignCurrency(InvalidInput):
    """An amount is in another currency than the supplier or the order it belongs to."""


class SupplierBlocked(Refused):
    """Nothing of this kind is done with the supplier until the block is lifted."""


class Purpose(StrEnum):
    """What a block stops: sending orders, or paying bills."""

    ORDERS = "orders"
    PAYMENTS = "payments"


class AddressKind(StrEnum):
    BILLING = "billing"
    SHIPPING = "shipping"


@value
class Address:
    """Where the supplier is reached."""

    kind: AddressKind
    street: str
    city: str
    country: str
    region: str | None = None
    postal_code: str | None = None


@value
class Contact:
    """A person at the supplier, each field sealed under a key of that person's own."""

    id: UUID
    name: Personal
    title: Personal | None = None
    email: Personal | None = None
    phone: Personal | None = None


@value
class Block:
    """Why, and who said so."""

    reason: str
    by: str


class Supplier(Aggregate):
    """Someone the firm buys from, in one currency. Registered once; blocked and unblocked per purpose."""

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
        iban: Personal | None = None,
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
        self.erased: set[UUID] = set()
        self.blocks: dict[Purpose, Block] = {}

    def require_trade_in(self, currency: str) -> None:
        """Refused with ForeignCurrency unless it is the supplier's."""
        if currency != self.currency:
            raise ForeignCurrency(f"supplier {self.code} sells in {self.currency}, not in {currency}", field="currency")

    def block(self, purposes: tuple[Purpose, ...], reason: str, by: str) -> None:
        """Stop orders, payments or both from now on; a second block of a purpose replaces its reason."""
        self._blocked(purposes=purposes, reason=reason, blocked_by=by)

    def unblock(self, purposes: tuple[Purpose, ...], by: str) -> None:
        """Lift what is blocked of these; nothing happens where nothing is."""
        lifted = tuple(purpose for purpose in purposes if purpose in self.blocks)
        if lifted:
            self._unblocked(purposes=lifted, unblocked_by=by)

    def require_unblocked(self, purpose: Purpose) -> None:
        """Refused with SupplierBlocked, saying why and by whom."""
        block = self.blocks.get(purpose)
        if block is not None:
            raise SupplierBlocked(f"supplier {self.code} is blocked for {purpose} by {block.by}: {block.reason}")

    def erase_contact(self, contact_id: UUID) -> None:
        """Strike a contact out. A second time changes nothing."""
        if contact_id in self.erased:
            return
        if contact_id not in {contact.id for contact in self.contacts}:
            raise NotFound("Contact", contact_id)
        self._contact_erased(contact_id=contact_id)

    @event("Blocked")
    def _blocked(self, purposes: tuple[Purpose, ...], reason: str, blocked_by: str) -> None:
        for purpose in purposes:
            self.blocks[purpose] = Block(reason, blocked_by)

    @event("Unblocked")
    def _unblocked(self, purposes: tuple[Purpose, ...], unblocked_by: str) -> None:
        for purpose in purposes:
            self.blocks.pop(purpose, None)

    @event("ContactErased")
    def _contact_erased(self, contact_id: UUID) -> None:
        self.contacts = tuple(contact for contact in self.contacts if contact.id != contact_id)
        self.erased.add(contact_id)


def require_currency(currency: str, amount: Money, field: str) -> None:
    """Refused with ForeignCurrency, blaming `field`, if the amount is in another one."""
    if amount.currency != currency:
        raise ForeignCurrency(f"{amount} is not in {currency}", field=field)
