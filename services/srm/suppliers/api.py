"""Suppliers and their blocks."""

from typing import Any
from uuid import UUID

from services.srm.suppliers.commands import Suppliers as SupplierCommands
from services.srm.suppliers.projections import Suppliers
from shared.web import Reply, Resource, Schema, accepts, commands_getter, created_reply, fields, resource_reply

commands = commands_getter(SupplierCommands)
suppliers = Resource("suppliers", Suppliers)


class Contact(Schema):
    """A contact person in a request about a supplier."""

    name = fields.Text(required=True)
    title = fields.Text(max=100, allow_none=True)
    email = fields.Email(allow_none=True)
    phone = fields.Phone(allow_none=True)


class Address(Schema):
    """A postal address of a supplier, for billing or shipping."""

    kind = fields.OneOf("billing", "shipping", required=True)
    street = fields.Text(required=True)
    city = fields.Text(required=True, max=100)
    region = fields.Text(max=100, allow_none=True)
    postal_code = fields.Text(max=20, allow_none=True)
    country = fields.Country(required=True)


class RegisterSupplier(Schema):
    """Request to register a supplier."""

    code = fields.Code(required=True)
    name = fields.Text(required=True)
    currency = fields.Currency(required=True)
    contacts = fields.List(fields.Nested(Contact), max=100)
    addresses = fields.List(fields.Nested(Address), max=100)
    payment_terms_days = fields.WholeNumber(max=3650)
    tax_id = fields.TaxId(allow_none=True)
    iban = fields.Iban(allow_none=True)


class BlockSupplier(Schema):
    """Request to block orders to a supplier, payments to it, or both, with the reason."""

    purposes = fields.List(fields.OneOf("orders", "payments"), required=True, min=1, max=2)
    reason = fields.Text(required=True, max=500)


class UnblockSupplier(Schema):
    """Request to lift the block of a supplier for some purposes, or for all."""

    purposes = fields.List(fields.OneOf("orders", "payments"), min=1, max=2)


@suppliers.post("", sheets=True)
@accepts(RegisterSupplier)
def register_supplier(body: dict[str, Any]) -> Reply:
    """Register a supplier. 201 with the supplier; 409 if the code is taken."""
    return created_reply(Suppliers, commands().register(**body))


@suppliers.post("/<uuid:supplier_id>/block")
@accepts(BlockSupplier)
def block_supplier(supplier_id: UUID, body: dict[str, Any]) -> Reply:
    """Block orders, payments or both until the block is lifted. 200 with the supplier."""
    return resource_reply(Suppliers, commands().block(supplier_id, **body))


@suppliers.post("/<uuid:supplier_id>/unblock")
@accepts(UnblockSupplier)
def unblock_supplier(supplier_id: UUID, body: dict[str, Any]) -> Reply:
    """Lift the block for these purposes, or for all. 200 with the supplier."""
    return resource_reply(Suppliers, commands().unblock(supplier_id, **body))


@suppliers.post("/<uuid:supplier_id>/contacts/<uuid:contact_id>/erase")
def erase_supplier_contact(supplier_id: UUID, contact_id: UUID) -> Reply:
    """Erase the personal fields of a contact for good. 200 also when repeated; 404 for an unknown contact."""
    return resource_reply(Suppliers, commands().erase_contact(supplier_id, contact_id))
