"""Customers and their contacts."""

from uuid import UUID

from services.crm.customers.commands import AssignCustomer, ChangeCustomer, RegisterCustomer
from services.crm.customers.commands import Customers as CustomerCommands
from services.crm.customers.projections import Customers
from shared.web import Reply, Resource, accepts, commands_getter, created_reply, resource_reply

commands = commands_getter(CustomerCommands)
customers = Resource("customers", Customers)


@customers.post("", sheets=True)
@accepts(RegisterCustomer)
def register_customer(body: RegisterCustomer) -> Reply:
    """Register a customer. 201 with the customer; 409 if the code is taken."""
    return created_reply(Customers, commands().register(body))


@customers.patch("/<uuid:customer_id>")
@accepts(ChangeCustomer)
def change_customer(customer_id: UUID, body: ChangeCustomer) -> Reply:
    """Change the given fields. Contacts and addresses replace the whole list; a contact without id is a new person."""
    return resource_reply(Customers, commands().change(customer_id, body))


@customers.post("/<uuid:customer_id>/assign", verb="assign")
@accepts(AssignCustomer)
def assign_customer(customer_id: UUID, body: AssignCustomer) -> Reply:
    """Assign the customer and all its orders to an owner, or to none (null)."""
    return resource_reply(Customers, commands().assign(customer_id, body.owner))


@customers.post("/<uuid:customer_id>/erase", verb="erase", danger=True)
def erase_customer(customer_id: UUID) -> Reply:
    """Erase for good the customer's e-mail, phone, tax id and addresses, its contacts, and the addresses of its orders.

    200 with the customer, also when repeated. Its code and name stay, since the books name it.
    """
    return resource_reply(Customers, commands().erase_all(customer_id))


@customers.post("/<uuid:customer_id>/contacts/<uuid:contact_id>/erase", danger=True)
def erase_customer_contact(customer_id: UUID, contact_id: UUID) -> Reply:
    """Erase the personal fields of a contact for good. 200 also when repeated; 404 for an unknown contact."""
    return resource_reply(Customers, commands().erase_contact(customer_id, contact_id))
