"""Commands on customers."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID, uuid4

from services.crm.customers.domain import customer
from services.crm.customers.domain.customer import Customer
from shared import identifiers
from shared.contacts import Addresses, ContactCommands, Contacts, KnownOrNewContacts, encrypted_addresses
from shared.fields import (
    ANY_CURRENCY,
    PERSONAL,
    UNSET,
    Code,
    Currency,
    Days,
    Email,
    Phone,
    ShortText,
    TaxId,
    Text,
    UnsetType,
    given,
)
from shared.money import Money


@dataclass(frozen=True, kw_only=True)
class RegisterCustomer:
    """Request to register a customer."""

    code: Code
    name: Text
    currency: Annotated[Currency, ANY_CURRENCY]
    email: Annotated[Email, PERSONAL] | None = None
    phone: Annotated[Phone, PERSONAL] | None = None
    tax_id: Annotated[TaxId, PERSONAL] | None = None
    addresses: Addresses = ()
    payment_terms_days: Days | UnsetType = UNSET
    credit_limit: Annotated[Money, ANY_CURRENCY] | None = None
    contacts: Contacts = ()


@dataclass(frozen=True, kw_only=True)
class ChangeCustomer:
    """Request to change fields of a customer; those not given stay as they are."""

    name: Text | UnsetType = UNSET
    email: Annotated[Email, PERSONAL] | UnsetType | None = UNSET
    phone: Annotated[Phone, PERSONAL] | UnsetType | None = UNSET
    tax_id: Annotated[TaxId, PERSONAL] | UnsetType | None = UNSET
    addresses: Addresses | UnsetType = UNSET
    payment_terms_days: Days | UnsetType = UNSET
    credit_limit: Annotated[Money, ANY_CURRENCY] | UnsetType | None = UNSET
    contacts: KnownOrNewContacts | UnsetType = UNSET


@dataclass(frozen=True, kw_only=True)
class AssignCustomer:
    """Request to assign a customer to an owner, a sales representative, or to none (null)."""

    owner: ShortText | None


class Customers(ContactCommands[Customer]):
    """Commands on customers: register, change and assign them, and erase their personal data."""

    record_class = Customer

    def register(self, requested: RegisterCustomer) -> Customer:
        """Register a customer, owned by the caller until it is assigned.

        Raises AlreadyTaken for a code in use, ForeignCurrency for a limit in another currency, InvalidInput for a tax
        id that is invalid in its country.
        """
        customer_id = uuid4()
        personal = self.personal_fields_of(customer_id)
        self.uow.reserve_unique(customer.CUSTOMER_CODE, requested.code, customer_id)
        new = Customer.register(
            code=requested.code,
            name=requested.name,
            currency=requested.currency,
            email=personal.encrypt(requested.email),
            phone=personal.encrypt(requested.phone),
            tax_id=personal.encrypt(identifiers.normalize_tax_id_by_addresses(requested.tax_id, requested.addresses)),
            contacts=self._new_contacts(requested.contacts),
            addresses=encrypted_addresses(requested.addresses, personal),
            payment_terms_days=given(requested.payment_terms_days, self.settings.payment_terms_days),
            credit_limit=requested.credit_limit,
            owner=self.actor,
            id=customer_id,
        )
        return self.uow.save(new)

    def change(self, customer_id: UUID, changes: ChangeCustomer) -> Customer:
        """Change the given fields.

        Raises ForeignCurrency, InvalidInput for a tax id that is invalid in its country, PersonalDataErased.
        """
        known = self.uow.get(Customer, customer_id)
        known.rename(given(changes.name, known.name))
        known.change_terms(
            given(changes.payment_terms_days, known.payment_terms_days), given(changes.credit_limit, known.credit_limit)
        )
        self._change_personal_fields(known, changes)
        if not isinstance(changes.contacts, UnsetType):
            known.replace_contacts(self._revised_contacts(known, known.contacts, changes.contacts))
        return self.uow.save(known)

    def _change_personal_fields(self, known: Customer, changes: ChangeCustomer) -> None:
        personal = self.personal_fields_of(known.id, (known.email, known.phone, known.tax_id, known.addresses))
        if not isinstance(changes.email, UnsetType):
            known.change_email(personal.encrypt(changes.email))
        if not isinstance(changes.phone, UnsetType):
            known.change_phone(personal.encrypt(changes.phone))
        if not isinstance(changes.addresses, UnsetType):
            known.replace_addresses(encrypted_addresses(changes.addresses, personal))
        if not isinstance(changes.tax_id, UnsetType):
            before = personal.decrypt(known.tax_id)
            tax_id = identifiers.normalize_changed_tax_id(changes.tax_id, before, known.addresses)
            known.change_tax_id(personal.encrypt(tax_id))

    def assign(self, customer_id: UUID, owner: str | None) -> Customer:
        """Make `owner` responsible for the customer and all its orders; None removes the owner."""
        known = self.uow.get(Customer, customer_id)
        known.assign(owner)
        return self.uow.save(known)
