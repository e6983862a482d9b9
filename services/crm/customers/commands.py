"""Commands on customers."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from services.crm.customers.domain import customer
from services.crm.customers.domain.customer import Address, Contact, Customer
from shared import identifiers
from shared.commands import Commands

Records = Sequence[dict[str, Any]]


class Customers(Commands):
    """Commands on customers: register, change and assign them, and erase their contacts."""

    def register(
        self,
        code: str,
        email: str | None = None,
        phone: str | None = None,
        contacts: Records = (),
        addresses: Records = (),
        tax_id: str | None = None,
        **agreed: Any,
    ) -> Customer:
        """Register a customer, owned by the caller until it is assigned.

        Raises AlreadyTaken for a code in use, ForeignCurrency for a limit in another currency, InvalidInput for a tax
        id that is invalid in its country.
        """
        customer_id = uuid4()
        agreed.setdefault("payment_terms_days", self.settings.payment_terms_days)
        self.uow.reserve_unique(customer.CUSTOMER_CODE, code, customer_id)
        new = Customer.register(
            id=customer_id,
            code=code,
            email=self.encrypt(customer_id, email),
            phone=self.encrypt(customer_id, phone),
            contacts=tuple(self._contact(uuid4(), **each) for each in contacts),
            addresses=_addresses(addresses),
            tax_id=identifiers.normalize_tax_id_by_addresses(tax_id, _addresses(addresses)),
            owner=self.actor,
            **agreed,
        )
        return self.uow.save(new)

    def change(self, customer_id: UUID, **changes: Any) -> Customer:
        """Change the given fields: name, tax_id, email, phone, contacts, addresses, payment_terms_days, credit_limit.

        Raises InvalidInput for a tax id that is invalid in its country.
        """
        known = self.uow.get(Customer, customer_id)
        known.rename(changes.get("name", known.name))
        known.change_terms(
            changes.get("payment_terms_days", known.payment_terms_days), changes.get("credit_limit", known.credit_limit)
        )
        if "email" in changes:
            known.change_email(self.encrypt(customer_id, changes["email"]))
        if "phone" in changes:
            known.change_phone(self.encrypt(customer_id, changes["phone"]))
        if "addresses" in changes:
            known.replace_addresses(_addresses(changes["addresses"]))
        if changes.get("tax_id", known.tax_id) != known.tax_id:
            known.change_tax_id(identifiers.normalize_tax_id_by_addresses(changes["tax_id"], known.addresses))
        if "contacts" in changes:
            known.replace_contacts(tuple(self._listed_contact(known, **each) for each in changes["contacts"]))
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

    def _contact(
        self, person: UUID, name: str, title: str | None = None, email: str | None = None, phone: str | None = None
    ) -> Contact:
        encrypt = partial(self.encrypt, person)
        return Contact(person, self.key_store.encrypt(person, name), encrypt(title), encrypt(email), encrypt(phone))

    def _listed_contact(self, known: Customer, id: UUID | None = None, **fields: Any) -> Contact:  # noqa: A002 (API name)
        if id is not None:
            known.require_contact(id)
        return self._contact(id or uuid4(), **fields)


def _addresses(given: Records) -> tuple[Address, ...]:
    return tuple(Address(**each) for each in given)
