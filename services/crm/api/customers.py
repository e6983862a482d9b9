"""Customers, their people and their timeline."""

from typing import Any
from uuid import UUID

from services.crm.api import service
from services.crm.reports import Customers, Timeline
from shared.web import Reply, Resource, Schema, accepts, created, fields, shown

customers = Resource("customers", Customers)
customers.lists("/<uuid:customer_id>/timeline", Timeline)


class Contact(Schema):
    name = fields.Text(required=True)
    title = fields.Text(max=100, allow_none=True)
    email = fields.Email(allow_none=True)
    phone = fields.Phone(allow_none=True)


class ListedContact(Contact):
    id = fields.Id()


class Address(Schema):
    kind = fields.OneOf("billing", "shipping", required=True)
    street = fields.Text(required=True)
    city = fields.Text(required=True, max=100)
    region = fields.Text(max=100, allow_none=True)
    postal_code = fields.Text(max=20, allow_none=True)
    country = fields.Country(required=True)


class CustomerTerms(Schema):
    email = fields.Email(allow_none=True)
    phone = fields.Phone(allow_none=True)
    tax_id = fields.TaxId(allow_none=True)
    addresses = fields.List(fields.Nested(Address), max=100)
    payment_terms_days = fields.Count(max=3650)
    credit_limit = fields.Money(allow_none=True)


class RegisterCustomer(CustomerTerms):
    code = fields.Code(required=True)
    name = fields.Text(required=True)
    currency = fields.Currency(required=True)
    contacts = fields.List(fields.Nested(Contact), max=100)


class ChangeCustomer(CustomerTerms):
    name = fields.Text()
    contacts = fields.List(fields.Nested(ListedContact), max=100)


class AssignCustomer(Schema):
    owner = fields.Text(required=True, max=100, allow_none=True)


@customers.post("", sheets=True)
@accepts(RegisterCustomer)
def register(body: dict[str, Any]) -> Reply:
    """Register someone who may order. 201 with the customer; 409 if the code is taken."""
    return created(Customers, service().register_customer(**body))


@customers.patch("/<uuid:customer_id>")
@accepts(ChangeCustomer)
def change(customer_id: UUID, body: dict[str, Any]) -> Reply:
    """Change what is given. Contacts and addresses are the whole list; a contact without id is a new person."""
    return shown(Customers, service().change_customer(customer_id, **body))


@customers.post("/<uuid:customer_id>/assign")
@accepts(AssignCustomer)
def assign(customer_id: UUID, body: dict[str, Any]) -> Reply:
    """Say whose customer it is from now on, and with it every order: a person, or nobody (null)."""
    return shown(Customers, service().assign_customer(customer_id, **body))


@customers.post("/<uuid:customer_id>/contacts/<uuid:contact_id>/erase")
def erase_contact(customer_id: UUID, contact_id: UUID) -> Reply:
    """Make everything about a person unreadable for ever. 200 also the second time; 404 for a stranger."""
    return shown(Customers, service().erase_contact(customer_id, contact_id))
