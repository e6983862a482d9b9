"""Customer: a buyer with its addresses, contacts and terms."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID

from shared.domain import Aggregate, DomainError, InvalidInput, NotFound, PersonalData, event, value_object
from shared.fields import Country, PostalCode, ShortText, Text
from shared.money import Money

CUSTOMER_CODE = "customer.code"


class ForeignCurrency(InvalidInput):
    """Raised when an amount is in another currency than its customer or order."""


class ContactErasedError(DomainError):
    """Raised when a change refers to a contact that was erased."""


class AddressKind(StrEnum):
    """What an address of a customer is for: billing or shipping."""

    BILLING = "billing"
    SHIPPING = "shipping"


@dataclass(frozen=True, kw_only=True)
class Address:
    """A postal address of a customer, for billing or shipping."""

    kind: AddressKind
    street: Text
    city: ShortText
    region: ShortText | None = None
    postal_code: PostalCode | None = None
    country: Country


@value_object
class Contact:
    """A person at the customer; each field is encrypted with that person's own key."""

    id: UUID
    name: PersonalData
    title: PersonalData | None = None
    email: PersonalData | None = None
    phone: PersonalData | None = None


class Customer(Aggregate):
    """A customer: a buyer with one fixed currency; its name, terms, contacts and owner can change."""

    @classmethod
    def register(
        cls,
        code: str,
        name: str,
        currency: str,
        email: PersonalData | None = None,
        phone: PersonalData | None = None,
        tax_id: str | None = None,
        contacts: tuple[Contact, ...] = (),
        addresses: tuple[Address, ...] = (),
        payment_terms_days: int = 30,
        credit_limit: Money | None = None,
        owner: str | None = None,
        id: UUID | None = None,  # noqa: A002 (the library's name)
    ) -> Self:
        """Register a customer. Raises ForeignCurrency if the credit limit is in another currency."""
        require_amount_in_currency(currency, credit_limit, field="credit_limit")
        return cls(
            code, name, currency, email, phone, tax_id, contacts, addresses, payment_terms_days, credit_limit, owner, id
        )

    @event("Registered")
    def __init__(
        self,
        code: str,
        name: str,
        currency: str,
        email: PersonalData | None = None,
        phone: PersonalData | None = None,
        tax_id: str | None = None,
        contacts: tuple[Contact, ...] = (),
        addresses: tuple[Address, ...] = (),
        payment_terms_days: int = 30,
        credit_limit: Money | None = None,
        owner: str | None = None,
        id: UUID | None = None,  # noqa: A002 (the library's name)
    ) -> None:
        self.code = code
        self.name = name
        self.currency = currency
        self.email = email
        self.phone = phone
        self.tax_id = tax_id
        self.contacts = contacts
        self.addresses = addresses
        self.payment_terms_days = payment_terms_days
        self.credit_limit = credit_limit
        self.owner = owner
        self.contact_ids = {contact.id for contact in contacts}
        self.erased_contact_ids: set[UUID] = set()

    def require_currency(self, currency: str) -> None:
        """Raise ForeignCurrency unless it is the customer's currency."""
        if currency != self.currency:
            raise ForeignCurrency(f"customer {self.code} buys in {self.currency}, not in {currency}", field="currency")

    def rename(self, name: str) -> None:
        if name != self.name:
            self._renamed(name=name)

    def change_terms(self, payment_terms_days: int, credit_limit: Money | None) -> None:
        """Set the terms for orders placed from now on; a limit of None is unlimited. Raises ForeignCurrency."""
        require_amount_in_currency(self.currency, credit_limit, field="credit_limit")
        if (payment_terms_days, credit_limit) != (self.payment_terms_days, self.credit_limit):
            self._terms_changed(payment_terms_days=payment_terms_days, credit_limit=credit_limit)

    def change_email(self, email: PersonalData | None) -> None:
        if email != self.email:
            self._email_changed(email=email)

    def change_phone(self, phone: PersonalData | None) -> None:
        if phone != self.phone:
            self._phone_changed(phone=phone)

    def change_tax_id(self, tax_id: str | None) -> None:
        if tax_id != self.tax_id:
            self._tax_id_changed(tax_id=tax_id)

    def replace_addresses(self, addresses: tuple[Address, ...]) -> None:
        if addresses != self.addresses:
            self._addresses_changed(addresses=addresses)

    def replace_contacts(self, contacts: tuple[Contact, ...]) -> None:
        """Replace the whole list of contacts."""
        if contacts != self.contacts:
            self._contacts_changed(contacts=contacts)

    def assign(self, owner: str | None) -> None:
        """Make `owner` responsible for the customer and all its orders; None removes the owner."""
        if owner != self.owner:
            self._owner_assigned(owner=owner)

    def require_contact(self, contact_id: UUID) -> None:
        """Raise InvalidInput for an unknown contact, ContactErasedError for an erased one."""
        if contact_id not in self.contact_ids:
            raise InvalidInput(f"contact {contact_id} of customer {self.code} not found", field="contacts")
        if contact_id in self.erased_contact_ids:
            raise ContactErasedError(f"contact {contact_id} was erased: add a new one", field="contacts")

    def erase_contact(self, contact_id: UUID) -> None:
        """Remove a present or former contact for good. A second call has no effect."""
        if contact_id not in self.contact_ids:
            raise NotFound("contact", contact_id)
        if contact_id not in self.erased_contact_ids:
            self._contact_erased(contact_id=contact_id)

    @event("Renamed")
    def _renamed(self, name: str) -> None:
        self.name = name

    @event("TermsChanged")
    def _terms_changed(self, payment_terms_days: int, credit_limit: Money | None) -> None:
        self.payment_terms_days = payment_terms_days
        self.credit_limit = credit_limit

    @event("EmailChanged")
    def _email_changed(self, email: PersonalData | None) -> None:
        self.email = email

    @event("PhoneChanged")
    def _phone_changed(self, phone: PersonalData | None) -> None:
        self.phone = phone

    @event("TaxIdChanged")
    def _tax_id_changed(self, tax_id: str | None) -> None:
        self.tax_id = tax_id

    @event("AddressesChanged")
    def _addresses_changed(self, addresses: tuple[Address, ...]) -> None:
        self.addresses = addresses

    @event("ContactsChanged")
    def _contacts_changed(self, contacts: tuple[Contact, ...]) -> None:
        self.contacts = contacts
        self.contact_ids = self.contact_ids | {contact.id for contact in contacts}

    @event("OwnerAssigned")
    def _owner_assigned(self, owner: str | None) -> None:
        self.owner = owner

    @event("ContactErased")
    def _contact_erased(self, contact_id: UUID) -> None:
        self.contacts = tuple(contact for contact in self.contacts if contact.id != contact_id)
        self.erased_contact_ids = self.erased_contact_ids | {contact_id}


def require_amount_in_currency(currency: str, amount: Money | None, field: str) -> None:
    """Require that the amount, if given, is in this currency. Raises ForeignCurrency, naming `field`."""
    if amount is not None and amount.currency != currency:
        raise ForeignCurrency(f"{amount} must be in {currency}", field=field)
