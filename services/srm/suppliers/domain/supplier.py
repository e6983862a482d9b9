"""Supplier: a seller with its contacts, addresses, terms and blocks."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from shared.domain import (
    Address,
    Contact,
    ContactHolder,
    DomainError,
    ForeignCurrency,
    MasterRecord,
    PersonalData,
    event,
    value_object,
)
from shared.fields import ANY_CURRENCY, Code, Currency, Days, Text


class SupplierBlockedError(DomainError):
    """Raised when the supplier is blocked for the purpose."""


class BlockPurpose(StrEnum):
    """What a block stops: sending orders, or paying invoices."""

    ORDERS = "orders"
    PAYMENTS = "payments"


@value_object
class Block:
    """Reason of a block, and the user that set it."""

    reason: str
    by: str


@dataclass(frozen=True, kw_only=True)
class SupplierEntry:
    """A seller with one currency; addresses, tax id and bank account (IBAN) are encrypted with the supplier's key."""

    code: Code
    name: Text
    currency: Annotated[Currency, ANY_CURRENCY]
    contacts: tuple[Contact, ...] = ()
    addresses: tuple[Address, ...] = ()
    payment_terms_days: Days
    tax_id: PersonalData | None = None
    iban: PersonalData | None = None


class Supplier(MasterRecord[SupplierEntry], ContactHolder, key="code"):
    """A seller: an entry of master data, blocked and unblocked per purpose; its contacts can be erased."""

    IS_SHARED = False
    """Orders are drafted and sent under a lock, so that none follows a block or a deactivation."""

    @event("Registered")
    def __init__(self, entry: SupplierEntry, id: UUID | None = None) -> None:
        self.entry, self.is_active = entry, True
        self.contact_ids = {contact.id for contact in entry.contacts}
        self.erased_contact_ids: set[UUID] = set()
        self.blocks: dict[BlockPurpose, Block] = {}

    def require_currency(self, currency: str) -> None:
        """Raise ForeignCurrency unless it is the supplier's currency."""
        own = self.entry.currency
        if currency != own:
            raise ForeignCurrency(f"supplier {self.key} sells in {own}, not in {currency}", field="currency")

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
            raise SupplierBlockedError(f"supplier {self.key} is blocked for {purpose} by {block.by}: {block.reason}")

    def can_receive_orders(self) -> bool:
        """Return whether sourcing may choose the supplier: it is active and not blocked for orders."""
        return self.is_active and BlockPurpose.ORDERS not in self.blocks

    @event("Revised")
    def _revised(self, entry: SupplierEntry) -> None:
        self.entry = entry
        self.contact_ids = self.contact_ids | {contact.id for contact in entry.contacts}

    @event("Blocked")
    def _blocked(self, purposes: tuple[BlockPurpose, ...], reason: str, blocked_by: str) -> None:
        for purpose in purposes:
            self.blocks[purpose] = Block(reason, blocked_by)

    @event("Unblocked")
    def _unblocked(self, purposes: tuple[BlockPurpose, ...], unblocked_by: str) -> None:
        for purpose in purposes:
            self.blocks.pop(purpose, None)

    @event("Erased")
    def _erased(self) -> None:
        self.entry = replace(self.entry, contacts=(), addresses=(), tax_id=None, iban=None)
        self.is_erased = True

    @event("ContactErased")
    def _contact_erased(self, contact_id: UUID) -> None:
        remaining = tuple(contact for contact in self.entry.contacts if contact.id != contact_id)
        self.entry = replace(self.entry, contacts=remaining)
        self.erased_contact_ids = self.erased_contact_ids | {contact_id}
