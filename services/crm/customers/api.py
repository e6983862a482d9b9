"""Customers and their contacts."""

from typing import Any
from uuid import UUID

from services.crm.customers.commands import Customers as CustomerCommands
from services.crm.customers.projections import Customers
from shared.web import Reply, Resource, Schema, accepts, commands_getter, created_reply, fields, resource_reply

commands = commands_getter(CustomerCommands)
customers = Resource("customers", Customers)


class Contact(Schema):
    """A contact person in a request about a customer."""

    name = fields.Text(required=True)
    title = fields.Text(max=100, allow_none=True)
    email = fields.Email(allow_none=True)
    phone = fields.Phone(allow_none=True)


class KnownOrNewContact(Contact):
    """A contact person in a request to change a customer: with `id` a known one, without it a new one."""

    id = fields.Id()


class Address(Schema):
    """A postal address of a customer, for billing or shipping."""

    kind = fields.OneOf("billing", "shipping", required=True)
    street = fields.Text(required=True)
    city = fields.Text(required=True, max=100)
    region = fields.Text(max=100, allow_none=True)
    postal_code = fields.Text(max=20, allow_none=True)
    country = fields.Country(required=True)


class CommonCustomerFields(Schema):
    """Fields common to registering and changing a customer: contact data, payment terms, credit limit."""

    email = fields.Email(allow_none=True)
    phone = fields.Phone(allow_none=True)
    tax_id = fields.TaxId(allow_none=True)
    addresses = fields.List(fields.Nested(Address), max=100)
    payment_terms_days = fields.WholeNumber(max=3650)
    credit_limit = fields.Money(allow_none=True)


class RegisterCustomer(CommonCustomerFields):
    """Request to register a customer."""

    code = fields.Code(required=True)
    name = fields.Text(required=True)
    currency = fields.Currency(required=True)
    contacts = fields.List(fields.Nested(Contact), max=100)


class ChangeCustomer(CommonCustomerFields):
    """Request to change fields of a customer; those not given stay as they are."""

    name = fields.Text()
    contacts = fields.List(fields.Nested(KnownOrNewContact), max=100)


class AssignCustomer(Schema):
    """Request to assign a customer to an owner, a sales representative, or to none (null)."""

    owner = fields.Text(required=True, max=100, allow_none=True)


@customers.post("", sheets=True)
@accepts(RegisterCustomer)
def register_customer(body: dict[str, Any]) -> Reply:
    """Register a customer. 201 with the customer; 409 if the code is taken."""
    return created_reply(Customers, commands().register(**body))


@customers.patch("/<uuid:customer_id>")
@accepts(ChangeCustomer)
def change_customer(customer_id: UUID, body: dict[str, Any]) -> Reply:
    """Change the given fields. Contacts and addresses replace the whole list; a contact without id is a new person."""
    return resource_reply(Customers, commands().change(customer_id, **body))


@customers.post("/<uuid:customer_id>/assign", verb="assign")
@accepts(AssignCustomer)
def assign_customer(customer_id: UUID, body: dict[str, Any]) -> Reply:
    """Assign the customer and all its orders to an owner, or to none (null)."""
    return resource_reply(Customers, commands().assign(customer_id, **body))


@customers.post("/<uuid:customer_id>/contacts/<uuid:contact_id>/erase")
def erase_customer_contact(customer_id: UUID, contact_id: UUID) -> Reply:
    """Erase the personal fields of a contact for good. 200 also when repeated; 404 for an unknown contact."""
    return resource_reply(Customers, commands().erase_contact(customer_id, contact_id))
