"""CRM: the commands on customers and sales orders."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from services.crm.domain import customer, sales_order
from services.crm.domain.customer import Address, Contact, Customer
from services.crm.domain.order_terms import OrderLine, ShipToAddress
from services.crm.domain.sales_order import SalesOrder
from services.crm.domain.settings import Settings
from services.crm.policies import policies
from services.crm.projections import reports
from services.crm.published import published
from shared import identifiers
from shared.money import Money
from shared.service import Service

Records = Sequence[dict[str, Any]]


class Crm(Service):
    """Customer relationship management: customers and their sales orders."""

    NAME = "crm"
    policies = policies
    published = published
    settings_class = Settings
    projections = reports

    def register_customer(
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
        self.reserve_unique(customer.CUSTOMER_CODE, code, customer_id)
        new = Customer.register(
            id=customer_id,
            code=code,
            email=self.encrypt(customer_id, email),
            phone=self.encrypt(customer_id, phone),
            contacts=tuple(self._contact(uuid4(), **each) for each in contacts),
            addresses=_addresses(addresses),
            tax_id=identifiers.normalize_tax_id_for(tax_id, _addresses(addresses)),
            owner=self.actor,
            **agreed,
        )
        return self.save(new)

    def change_customer(self, customer_id: UUID, **changes: Any) -> Customer:
        """Change the given fields: name, tax_id, email, phone, contacts, addresses, payment_terms_days, credit_limit.

        Raises InvalidInput for a tax id that is invalid in its country.
        """
        known = self.get(Customer, customer_id)
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
            known.change_tax_id(identifiers.normalize_tax_id_for(changes["tax_id"], known.addresses))
        if "contacts" in changes:
            known.replace_contacts(tuple(self._listed_contact(known, **each) for each in changes["contacts"]))
        return self.save(known)

    def assign_customer(self, customer_id: UUID, owner: str | None) -> Customer:
        """Make `owner` responsible for the customer and all its orders; None removes the owner."""
        known = self.get(Customer, customer_id)
        known.assign(owner)
        return self.save(known)

    def erase_contact(self, customer_id: UUID, contact_id: UUID) -> Customer:
        """Destroy the person's encryption key, so that no copy of the contact can be decrypted again."""
        known = self.get(Customer, customer_id)
        known.erase_contact(contact_id)
        self.erase(contact_id)
        return self.save(known)

    def draft_sales_order(
        self, customer_id: UUID, currency: str, lines: Records, number: str | None = None, **agreed: Any
    ) -> SalesOrder:
        """Draft an order, numbered from the series by default. Raises AlreadyTaken, ForeignCurrency, AccessDenied."""
        self.get_referenced(Customer, customer_id, field="customer_id").require_currency(currency)
        order = SalesOrder.draft(
            number=number or sales_order.next_free_number(self._uow),
            customer_id=customer_id,
            currency=currency,
            **_order_terms(lines=lines, **agreed),
        )
        self.reserve_unique(sales_order.SALES_ORDER_NUMBER, order.number, order.id)
        return self.save(order)

    def place_sales_order(self, order_id: UUID) -> SalesOrder:
        """Place the draft on the customer's payment terms. Raises WrongStatus unless it is a draft."""
        order = self.get(SalesOrder, order_id)
        order.place(self.effective_on, self.get(Customer, order.customer_id).payment_terms_days)
        return self.save(order)

    def amend_sales_order(self, order_id: UUID, **changes: Any) -> SalesOrder:
        """Change the given terms: lines (the full list), freight (None: free), required_on, ship_to.

        Placed orders request it from SCM. Raises WrongStatus once all is shipped, ForeignCurrency, AmountTooLarge.
        """
        order = self.get(SalesOrder, order_id)
        if changes.get("freight", order.requested_terms.freight) is None:
            changes["freight"] = Money.zero(order.currency)
        order.amend(replace(order.requested_terms, **_order_terms(**changes)))
        return self.save(order)

    def cancel_sales_order(self, order_id: UUID, reason: str) -> SalesOrder:
        """Cancel a draft, or request cancellation of a placed order. Raises WrongStatus once everything is shipped."""
        order = self.get(SalesOrder, order_id)
        order.cancel(reason)
        return self.save(order)

    def _contact(
        self, person: UUID, name: str, title: str | None = None, email: str | None = None, phone: str | None = None
    ) -> Contact:
        encrypt = partial(self.encrypt, person)
        return Contact(person, self.key_store.encrypt(person, name), encrypt(title), encrypt(email), encrypt(phone))

    def _listed_contact(self, known: Customer, id: UUID | None = None, **fields: Any) -> Contact:  # noqa: A002 (API name)
        if id is not None:
            known.require_contact(id)
        return self._contact(id or uuid4(), **fields)


def _order_terms(lines: Records | None = None, ship_to: dict[str, Any] | None = None, **plain: Any) -> dict[str, Any]:
    if lines is not None:
        plain["lines"] = tuple(_line(place, **line) for place, line in enumerate(lines, 1))
    if ship_to is not None:
        plain["ship_to"] = ShipToAddress(**ship_to)
    return plain


def _line(place: int, discount_percent: Decimal | None = None, **promised: Any) -> OrderLine:
    return OrderLine(place, **promised, discount_percent=discount_percent or Decimal(0))


def _addresses(given: Records) -> tuple[Address, ...]:
    return tuple(Address(**each) for each in given)
