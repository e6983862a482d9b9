"""Commands on suppliers."""

from dataclasses import dataclass, replace
from typing import Annotated, TypeAlias
from uuid import UUID, uuid4

from services.srm.suppliers.domain.supplier import BlockPurpose, Supplier, SupplierEntry
from shared import identifiers
from shared.contacts import Addresses, ContactCommands, Contacts, KnownOrNewContacts, encrypted_addresses
from shared.domain import Contact
from shared.fields import (
    ANY_CURRENCY,
    PERSONAL,
    UNSET,
    Code,
    Currency,
    Days,
    Iban,
    LongText,
    TaxId,
    Text,
    UnsetType,
    given,
    limits,
)
from shared.master_data import MasterCommands
from shared.personal_fields import PersonalFields

Purposes: TypeAlias = Annotated[tuple[BlockPurpose, ...], limits(min=1, max=2)]
ALL_PURPOSES = tuple(BlockPurpose)


@dataclass(frozen=True, kw_only=True)
class RegisterSupplier:
    """Request to register a supplier."""

    code: Code
    name: Text
    currency: Annotated[Currency, ANY_CURRENCY]
    contacts: Contacts = ()
    addresses: Addresses = ()
    payment_terms_days: Days | UnsetType = UNSET
    tax_id: Annotated[TaxId, PERSONAL] | None = None
    iban: Annotated[Iban, PERSONAL] | None = None


@dataclass(frozen=True, kw_only=True)
class ReviseSupplier:
    """Request to change some fields of a supplier; lists replace the whole list, a contact without id is a new person.

    Fields that are not given stay as they are.
    """

    name: Text | UnsetType = UNSET
    contacts: KnownOrNewContacts | UnsetType = UNSET
    addresses: Addresses | UnsetType = UNSET
    payment_terms_days: Days | UnsetType = UNSET
    tax_id: Annotated[TaxId, PERSONAL] | UnsetType | None = UNSET
    iban: Annotated[Iban, PERSONAL] | UnsetType | None = UNSET


@dataclass(frozen=True, kw_only=True)
class BlockSupplier:
    """Request to block orders to a supplier, payments to it, or both, with the reason."""

    purposes: Purposes
    reason: LongText


@dataclass(frozen=True, kw_only=True)
class UnblockSupplier:
    """Request to lift the block of a supplier for some purposes, or for all."""

    purposes: Purposes = ALL_PURPOSES


class Suppliers(MasterCommands[Supplier], ContactCommands[Supplier]):
    """Commands on suppliers: register, revise, deactivate, block and unblock them, and erase their personal data."""

    def register(self, requested: RegisterSupplier) -> Supplier:
        """Register a supplier. Raises AlreadyTaken for a code in use, InvalidInput for an invalid tax id."""
        supplier_id = uuid4()
        personal = self.personal_fields_of(supplier_id)
        entry = SupplierEntry(
            code=requested.code,
            name=requested.name,
            currency=requested.currency,
            contacts=self._new_contacts(requested.contacts),
            addresses=encrypted_addresses(requested.addresses, personal),
            payment_terms_days=given(requested.payment_terms_days, self.settings.payment_terms_days),
            tax_id=personal.encrypt(identifiers.normalize_tax_id_by_addresses(requested.tax_id, requested.addresses)),
            iban=personal.encrypt(requested.iban),
        )
        return self._add(Supplier(entry, supplier_id))

    def revise(self, record_id: UUID, changes: ReviseSupplier) -> Supplier:
        """Change the given fields. Contacts and addresses replace the whole list; a contact without id is a new person.

        Raises InvalidInput for an invalid tax id or an unknown contact, ContactErasedError for an erased one,
        PersonalDataErased for an erased supplier.
        """
        known = self.uow.get(Supplier, record_id)
        before = known.entry
        entry = replace(
            before,
            name=given(changes.name, before.name),
            contacts=self._given_contacts(known, changes),
            payment_terms_days=given(changes.payment_terms_days, before.payment_terms_days),
        )
        known.revise(_with_personal_fields(entry, changes, self.personal_fields_of(known.id, before)))
        return self.uow.save(known)

    def block(self, supplier_id: UUID, purposes: tuple[BlockPurpose, ...], reason: str) -> Supplier:
        """Block the supplier for orders, payments or both, until the block is lifted."""
        known = self.uow.get(Supplier, supplier_id)
        known.block(purposes, reason, by=self.actor)
        return self.uow.save(known)

    def unblock(self, supplier_id: UUID, purposes: tuple[BlockPurpose, ...] = ALL_PURPOSES) -> Supplier:
        """Lift the block for these purposes, by default for all."""
        known = self.uow.get(Supplier, supplier_id)
        known.unblock(purposes, by=self.actor)
        return self.uow.save(known)

    def _given_contacts(self, known: Supplier, changes: ReviseSupplier) -> tuple[Contact, ...]:
        if isinstance(changes.contacts, UnsetType):
            return known.entry.contacts
        return self._revised_contacts(known, known.entry.contacts, changes.contacts)


def _with_personal_fields(entry: SupplierEntry, changes: ReviseSupplier, personal: PersonalFields) -> SupplierEntry:
    """Return the entry with the given addresses, tax id and bank account. Raises InvalidInput for an invalid tax id."""
    if not isinstance(changes.addresses, UnsetType):
        entry = replace(entry, addresses=encrypted_addresses(changes.addresses, personal))
    if not isinstance(changes.tax_id, UnsetType):
        before = personal.decrypt(entry.tax_id)
        tax_id = identifiers.normalize_changed_tax_id(changes.tax_id, before, entry.addresses)
        entry = replace(entry, tax_id=personal.encrypt(tax_id))
    if not isinstance(changes.iban, UnsetType):
        entry = replace(entry, iban=personal.encrypt(changes.iban))
    return entry
