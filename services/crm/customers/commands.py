"""Commands on customers."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated
from uuid import UUID, uuid4

from services.crm.customers.domain import customer
from services.crm.customers.domain.customer import Address, Customer
from shared import identifiers
from shared.commands import Commands
from shared.domain import PersonalData
from shared.fields import (
    PERSONAL,
    UNSET,
    Code,
    Currency,
    Days,
    Email,
    Id,
    Phone,
    ShortText,
    TaxId,
    Text,
    UnsetType,
    given,
    limits,
)
from shared.money import Money


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A contact person in a request about a customer."""

    name: Annotated[Text, PERSONAL]
    title: Annotated[ShortText, PERSONAL] | None = None
    email: Annotated[Email, PERSONAL] | None = None
    phone: Annotated[Phone, PERSONAL] | None = None


@dataclass(frozen=True, kw_only=True)
class KnownOrNewContact(Contact):
    """A contact person in a request to change a customer: with `id` a known one, without it a new one."""

    id: Id | UnsetType = UNSET


@dataclass(frozen=True, kw_only=True)
class RegisterCustomer:
    """Request to register a customer."""

    code: Code
    name: Text
    currency: Currency
    email: Annotated[Email, PERSONAL] | None = None
    phone: Annotated[Phone, PERSONAL] | None = None
    tax_id: TaxId | None = None
    addresses: Annotated[tuple[Address, ...], limits(max=100)] = ()
    payment_terms_days: Days | UnsetType = UNSET
    credit_limit: Money | None = None
    contacts: Annotated[tuple[Contact, ...], limits(max=100)] = ()


@dataclass(frozen=True, kw_only=True)
class ChangeCustomer:
    """Request to change fields of a customer; those not given stay as they are."""

    name: Text | UnsetType = UNSET
    email: Annotated[Email, PERSONAL] | UnsetType | None = UNSET
    phone: Annotated[Phone, PERSONAL] | UnsetType | None = UNSET
    tax_id: TaxId | UnsetType | None = UNSET
    addresses: Annotated[tuple[Address, ...], limits(max=100)] | UnsetType = UNSET
    payment_terms_days: Days | UnsetType = UNSET
    credit_limit: Money | UnsetType | None = UNSET
    contacts: Annotated[tuple[KnownOrNewContact, ...], limits(max=100)] | UnsetType = UNSET


@dataclass(frozen=True, kw_only=True)
class AssignCustomer:
    """Request to assign a customer to an owner, a sales representative, or to none (null)."""

    owner: ShortText | None


class Customers(Commands):
    """Commands on customers: register, change and assign them, and erase their contacts."""

    def register(self, requested: RegisterCustomer) -> Customer:
        """Register a customer, owned by the caller until it is assigned.

        Raises AlreadyTaken for a code in use, ForeignCurrency for a limit in another currency, InvalidInput for a tax
        id that is invalid in its country.
        """
        customer_id = uuid4()
        self.uow.reserve_unique(customer.CUSTOMER_CODE, requested.code, customer_id)
        new = Customer.register(
            code=requested.code,
            name=requested.name,
            currency=requested.currency,
            email=self.encrypt(customer_id, requested.email),
            phone=self.encrypt(customer_id, requested.phone),
            tax_id=identifiers.normalize_tax_id_by_addresses(requested.tax_id, requested.addresses),
            contacts=tuple(self._encrypted(uuid4(), each) for each in requested.contacts),
            addresses=requested.addresses,
            payment_terms_days=given(requested.payment_terms_days, self.settings.payment_terms_days),
            credit_limit=requested.credit_limit,
            owner=self.actor,
            id=customer_id,
        )
        return self.uow.save(new)

    def change(self, customer_id: UUID, changes: ChangeCustomer) -> Customer:
        """Change the given fields. Raises ForeignCurrency, InvalidInput for a tax id that is invalid in its country."""
        known = self.uow.get(Customer, customer_id)
        known.rename(given(changes.name, known.name))
        known.change_terms(
            given(changes.payment_terms_days, known.payment_terms_days), given(changes.credit_limit, known.credit_limit)
        )
        known.change_email(self._encrypt_given(customer_id, changes.email, known.email))
        known.change_phone(self._encrypt_given(customer_id, changes.phone, known.phone))
        known.replace_addresses(given(changes.addresses, known.addresses))
        _change_tax_id(known, given(changes.tax_id, known.tax_id))
        if not isinstance(changes.contacts, UnsetType):
            known.replace_contacts(tuple(self._known_or_new(known, each) for each in changes.contacts))
        return self.uow.save(known)

    def assign(self, customer_id: UUID, owner: str | None) -> Customer:
        """Make `owner` responsible for the customer and all its orders; None removes the owner."""
        known = self.uow.get(Customer, customer_id)
        known.assign(owner)
        return self.uow.save(known)

    def erase_contact(self, customer_id: UUID, contact_id: UUID) -> Customer:
        """Destroy the person's encryption key, so that no copy of the contact can be decrypted again."""
        known = self.uow.get(Customer, customer_id)
        known.erase_contact(contact_id)
        self.erase(contact_id)
        return self.uow.save(known)

    def _encrypt_given(
        self, subject: UUID, text: str | UnsetType | None, otherwise: PersonalData | None
    ) -> PersonalData | None:
        return otherwise if isinstance(text, UnsetType) else self.encrypt(subject, text)

    def _encrypted(self, person: UUID, contact: Contact) -> customer.Contact:
        encrypt, name = partial(self.encrypt, person), self.key_store.encrypt(person, contact.name)
        return customer.Contact(person, name, encrypt(contact.title), encrypt(contact.email), encrypt(contact.phone))

    def _known_or_new(self, known: Customer, contact: KnownOrNewContact) -> customer.Contact:
        if isinstance(contact.id, UnsetType):
            return self._encrypted(uuid4(), contact)
        known.require_contact(contact.id)
        return self._encrypted(contact.id, contact)


def _change_tax_id(known: Customer, tax_id: str | None) -> None:
    """Change a tax id that differs; an unchanged one is not checked again."""
    if tax_id != known.tax_id:
        known.change_tax_id(identifiers.normalize_tax_id_by_addresses(tax_id, known.addresses))
