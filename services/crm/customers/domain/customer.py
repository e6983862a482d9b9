"""Customer: a buyer with its addresses, contacts and terms."""

from typing import Self
from uuid import UUID

from shared.domain import (
    Address,
    Aggregate,
    Contact,
    ContactHolder,
    ForeignCurrency,
    PersonalData,
    event,
    require_amount_in_currency,
)
from shared.money import Money

CUSTOMER_CODE = "customer.code"


class Customer(Aggregate, ContactHolder):
    """A customer: a buyer with one fixed currency; its name, terms, contacts and owner can change."""

    @classmethod
    def register(
        cls,
        code: str,
        name: str,
        currency: str,
        email: PersonalData | None = None,
        phone: PersonalData | None = None,
        tax_id: PersonalData | None = None,
        contacts: tuple[Contact, ...] = (),
        addresses: tuple[Address, ...] = (),
        payment_terms_days: int = 30,
        credit_limit: Money | None = None,
        owner: str | None = None,
        id: UUID | None = None,
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
        tax_id: PersonalData | None = None,
        contacts: tuple[Contact, ...] = (),
        addresses: tuple[Address, ...] = (),
        payment_terms_days: int = 30,
        credit_limit: Money | None = None,
        owner: str | None = None,
        id: UUID | None = None,
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

    @property
    def key(self) -> str:
        """The code, which identifies the customer for people."""
        return self.code

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

    def change_tax_id(self, tax_id: PersonalData | None) -> None:
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
    def _tax_id_changed(self, tax_id: PersonalData | None) -> None:
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

    @event("Erased")
    def _erased(self) -> None:
        self.email = self.phone = self.tax_id = None
        self.contacts, self.addresses = (), ()
        self.is_erased = True

    @event("ContactErased")
    def _contact_erased(self, contact_id: UUID) -> None:
        self.contacts = tuple(contact for contact in self.contacts if contact.id != contact_id)
        self.erased_contact_ids = self.erased_contact_ids | {contact_id}
