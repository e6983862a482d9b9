"""What can be asked of CRM."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from services.crm.domain import customer, sales_order
from services.crm.domain.customer import Address, Contact, Customer
from services.crm.domain.order_terms import OrderLine, ShipTo
from services.crm.domain.sales_order import SalesOrder
from services.crm.domain.settings import Settings
from services.crm.policies import policies
from services.crm.published import published
from services.crm.reports import reports
from shared import identifiers
from shared.money import Money
from shared.service import Service

Given = Sequence[dict[str, Any]]


class Crm(Service):
    """Customers, and what was promised to them."""

    NAME = "crm"
    policies = policies
    published = published
    decides = Settings
    reports = reports

    def register_customer(
        self,
        code: str,
        email: str | None = None,
        phone: str | None = None,
        contacts: Given = (),
        addresses: Given = (),
        tax_id: str | None = None,
        **agreed: Any,
    ) -> Customer:
        """Whoever registers a customer owns it, until it is assigned.

        Refused with AlreadyTaken for a code that exists, ForeignCurrency for a limit in another currency.
        Refused with InvalidInput for a tax id that its country does not know.
        """
        customer_id = uuid4()
        agreed.setdefault("payment_terms_days", self.settings.payment_terms_days)
        self.claim(customer.CODE, code, customer_id)
        new = Customer.registered(
            id=customer_id,
            code=code,
            email=self.seal(customer_id, email),
            phone=self.seal(customer_id, phone),
            contacts=tuple(self._contact(uuid4(), **each) for each in contacts),
            addresses=_addresses(addresses),
            tax_id=identifiers.tax_id_at(tax_id, _addresses(addresses)),
            owner=self.actor,
            **agreed,
        )
        return self.save(new)

    def change_customer(self, customer_id: UUID, **changes: Any) -> Customer:
        """What is given changes: name, tax_id, email, phone, contacts, addresses, payment_terms_days, credit_limit.

        Refused with InvalidInput for a tax id that its country does not know.
        """
        known = self.find(Customer, customer_id)
        known.rename(changes.get("name", known.name))
        known.change_terms(
            changes.get("payment_terms_days", known.payment_terms_days), changes.get("credit_limit", known.credit_limit)
        )
        if "email" in changes:
            known.change_email(self.seal(customer_id, changes["email"]))
        if "phone" in changes:
            known.change_phone(self.seal(customer_id, changes["phone"]))
        if "addresses" in changes:
            known.list_addresses(_addresses(changes["addresses"]))
        if changes.get("tax_id", known.tax_id) != known.tax_id:
            known.change_tax_id(identifiers.tax_id_at(changes["tax_id"], known.addresses))
        if "contacts" in changes:
            known.list_contacts(tuple(self._listed(known, **each) for each in changes["contacts"]))
        return self.save(known)

    def assign_customer(self, customer_id: UUID, owner: str | None) -> Customer:
        """The customer and all its orders are this one's from now on; nobody's with none."""
        known = self.find(Customer, customer_id)
        known.assign(owner)
        return self.save(known)

    def erase_contact(self, customer_id: UUID, contact_id: UUID) -> Customer:
        """Destroy the person's key: nothing about this contact can be read again, here or in any copy."""
        known = self.find(Customer, customer_id)
        known.erase_contact(contact_id)
        self.forget(contact_id)
        return self.save(known)

    def draft_sales_order(
        self, customer_id: UUID, currency: str, lines: Given, number: str | None = None, **agreed: Any
    ) -> SalesOrder:
        """The number is given, or taken from the series. Refused with AlreadyTaken, ForeignCurrency, NotYours."""
        self.named(Customer, customer_id, field="customer_id").require_trade_in(currency)
        order = SalesOrder.draft(
            number=number or sales_order.next_number(self._work),
            customer_id=customer_id,
            currency=currency,
            **_promised(lines=lines, **agreed),
        )
        self.claim(sales_order.NUMBER, order.number, order.id)
        return self.save(order)

    def place_sales_order(self, order_id: UUID) -> SalesOrder:
        """Promise the goods on the customer's terms. Refused with WrongStatus unless it is a draft."""
        order = self.find(SalesOrder, order_id)
        order.place(self.today, self.find(Customer, order.customer_id).payment_terms_days)
        return self.save(order)

    def amend_sales_order(self, order_id: UUID, **changes: Any) -> SalesOrder:
        """What is given changes: lines (all anew), freight (none: free), required_on, ship_to. A placed order asks.

        Refused with WrongStatus once all has left, ForeignCurrency, TooLarge.
        """
        order = self.find(SalesOrder, order_id)
        if changes.get("freight", order.wanted.freight) is None:
            changes["freight"] = Money.zero(order.currency)
        order.amend(replace(order.wanted, **_promised(**changes)))
        return self.save(order)

    def cancel_sales_order(self, order_id: UUID, reason: str) -> SalesOrder:
        """Drop a draft, or ask SCM to stop a placed order. Refused with WrongStatus once all has left."""
        order = self.find(SalesOrder, order_id)
        order.cancel(reason)
        return self.save(order)

    def _contact(
        self, person: UUID, name: str, title: str | None = None, email: str | None = None, phone: str | None = None
    ) -> Contact:
        seal = partial(self.seal, person)
        return Contact(person, self.vault.seal(person, name), seal(title), seal(email), seal(phone))

    def _listed(self, known: Customer, id: UUID | None = None, **fields: Any) -> Contact:  # noqa: A002 (as given)
        if id is not None:
            known.require_contact(id)
        return self._contact(id or uuid4(), **fields)


def _promised(lines: Given | None = None, ship_to: dict[str, Any] | None = None, **plain: Any) -> dict[str, Any]:
    if lines is not None:
        plain["lines"] = tuple(_line(place, **line) for place, line in enumerate(lines, 1))
    if ship_to is not None:
        plain["ship_to"] = ShipTo(**ship_to)
    return plain


def _line(place: int, discount_percent: Decimal | None = None, **promised: Any) -> OrderLine:
    return OrderLine(place, **promised, discount_percent=discount_percent or Decimal(0))


def _addresses(given: Given) -> tuple[Address, ...]:
    return tuple(Address(**each) for each in given)
