"""Who buys, where, and on what terms."""

from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from shared.domain import Aggregate, InvalidInput, NotFound, Personal, Refused, event, value
from shared.money import Money

CODE = "customer.code"


class ForeignCurrency(InvalidInput):
    """An amount is in another currency than the customer or the order it belongs to."""


class ContactIsErased(Refused):
    """Nobody may bring back a person who was erased."""


class AddressKind(StrEnum):
    BILLING = "billing"
    SHIPPING = "shipping"


@value
class Address:
    """Where the customer gets its invoices or its goods."""

    kind: AddressKind
    street: str
    city: str
    country: str
    region: str | None = None
    postal_code: str | None = None


@value
class Contact:
    """A person at the customer, each field sealed under a key of that person's own."""

    id: UUID
    name: Personal
    title: Personal | None = None
    email: Personal | None = None
    phone: Personal | None = None


class Customer(Aggregate):
    """Someone the firm sells to, in one currency. Registered once; terms and contacts change."""

    @classmethod
    def registered(cls, currency: str, credit_limit: Money | None = None, **agreed: Any) -> Self:
        """Refused with ForeignCurrency if the limit is in another currency than the customer."""
        require_currency(currency, credit_limit, field="credit_limit")
        return cls(currency=currency, credit_limit=credit_limit, **agreed)

    @event("Registered")
    def __init__(
        self,
        code: str,
        name: str,
        currency: str,
        email: Personal | None = None,
        phone: Personal | None = None,
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
        self.people = {contact.id for contact in contacts}
        self.erased: set[UUID] = set()

    def require_trade_in(self, currency: str) -> None:
        """Refused with ForeignCurrency unless it is the customer's."""
        if currency != self.currency:
            raise ForeignCurrency(f"customer {self.code} buys in {self.currency}, not in {currency}", field="currency")

    def rename(self, name: str) -> None:
        if name != self.name:
            self._renamed(name=name)

    def change_terms(self, payment_terms_days: int, credit_limit: Money | None) -> None:
        """From now on; placed orders keep theirs. A limit of none is no limit. Refused with ForeignCurrency."""
        require_currency(self.currency, credit_limit, field="credit_limit")
        if (payment_terms_days, credit_limit) != (self.payment_terms_days, self.credit_limit):
            self._terms_changed(payment_terms_days=payment_terms_days, credit_limit=credit_limit)

    def change_email(self, email: Personal | None) -> None:
        if email != self.email:
            self._email_changed(email=email)

    def change_phone(self, phone: Personal | None) -> None:
        if phone != self.phone:
            self._phone_changed(phone=phone)

    def change_tax_id(self, tax_id: str | None) -> None:
        if tax_id != self.tax_id:
            self._tax_id_changed(tax_id=tax_id)

    def list_addresses(self, addresses: tuple[Address, ...]) -> None:
        if addresses != self.addresses:
            self._addresses_changed(addresses=addresses)

    def list_contacts(self, contacts: tuple[Contact, ...]) -> None:
        """These are the people from now on."""
        if contacts != self.contacts:
            self._contacts_changed(contacts=contacts)

    def assign(self, owner: str | None) -> None:
        """Whose customer this is from now on, and with it every order; nobody's with none."""
        if owner != self.owner:
            self._owner_assigned(owner=owner)

    def require_contact(self, contact_id: UUID) -> None:
        """Refused with InvalidInput for a stranger, with ContactIsErased for a person who was erased."""
        if contact_id not in self.people:
            raise InvalidInput(f"no contact {contact_id} of customer {self.code}", field="contacts")
        if contact_id in self.erased:
            raise ContactIsErased(f"contact {contact_id} was erased", field="contacts")

    def erase_contact(self, contact_id: UUID) -> None:
        """Strike a present or former contact out. A second time changes nothing."""
        if contact_id not in self.people:
            raise NotFound("Contact", contact_id)
        if contact_id not in self.erased:
            self._contact_erased(contact_id=contact_id)

    @event("Renamed")
    def _renamed(self, name: str) -> None:
        self.name = name

    @event("TermsChanged")
    def _terms_changed(self, payment_terms_days: int, credit_limit: Money | None) -> None:
        self.payment_terms_days = payment_terms_days
        self.credit_limit = credit_limit

    @event("EmailChanged")
    def _email_changed(self, email: Personal | None) -> None:
        self.email = email

    @event("PhoneChanged")
    def _phone_changed(self, phone: Personal | None) -> None:
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
        self.people = self.people | {contact.id for contact in contacts}

    @event("OwnerAssigned")
    def _owner_assigned(self, owner: str | None) -> None:
        self.owner = owner

    @event("ContactErased")
    def _contact_erased(self, contact_id: UUID) -> None:
        self.contacts = tuple(contact for contact in self.contacts if contact.id != contact_id)
        self.erased = self.erased | {contact_id}


def require_currency(currency: str, amount: Money | None, field: str) -> None:
    """Refused with ForeignCurrency, blaming `field`, if the amount is in another one."""
    if amount is not None and amount.currency != currency:
        raise ForeignCurrency(f"{amount} is not in {currency}", field=field)
