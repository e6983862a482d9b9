"""Suppliers, and what they are blocked for."""

from typing import Any
from uuid import UUID

from services.srm.api import service
from services.srm.reports import Suppliers
from shared.web import Reply, Resource, Schema, accepts, created, fields, shown

suppliers = Resource("suppliers", Suppliers)


class Contact(Schema):
    name = fields.Text(required=True)
    title = fields.Text(max=100, allow_none=True)
    email = fields.Email(allow_none=True)
    phone = fields.Phone(allow_none=True)


class Address(Schema):
    kind = fields.OneOf("billing", "shipping", required=True)
    street = fields.Text(required=True)
    city = fields.Text(required=True, max=100)
    region = fields.Text(max=100, allow_none=True)
    postal_code = fields.Text(max=20, allow_none=True)
    country = fields.Country(required=True)


class RegisterSupplier(Schema):
    code = fields.Code(required=True)
    name = fields.Text(required=True)
    currency = fields.Currency(required=True)
    contacts = fields.List(fields.Nested(Contact), max=100)
    addresses = fields.List(fields.Nested(Address), max=100)
    payment_terms_days = fields.Count(max=3650)
    tax_id = fields.TaxId(allow_none=True)
    iban = fields.Iban(allow_none=True)


class BlockSupplier(Schema):
    purposes = fields.List(fields.OneOf("orders", "payments"), required=True, min=1, max=2)
    reason = fields.Text(required=True, max=500)


class UnblockSupplier(Schema):
    purposes = fields.List(fields.OneOf("orders", "payments"), min=1, max=2)


@suppliers.post("", sheets=True)
@accepts(RegisterSupplier)
def register(body: dict[str, Any]) -> Reply:
    """Register someone to buy from. 201 with the supplier; 409 if the code is taken."""
    return created(Suppliers, service().register_supplier(**body))


@suppliers.post("/<uuid:supplier_id>/block")
@accepts(BlockSupplier)
def block(supplier_id: UUID, body: dict[str, Any]) -> Reply:
    """Send no orders or pay no bills until it is lifted. 200 with the supplier."""
    return shown(Suppliers, service().block_supplier(supplier_id, **body))


@suppliers.post("/<uuid:supplier_id>/unblock")
@accepts(UnblockSupplier)
def unblock(supplier_id: UUID, body: dict[str, Any]) -> Reply:
    """Lift the block for these purposes, or for all. 200 with the supplier."""
    return shown(Suppliers, service().unblock_supplier(supplier_id, **body))


@suppliers.post("/<uuid:supplier_id>/contacts/<uuid:contact_id>/erase")
def erase_contact(supplier_id: UUID, contact_id: UUID) -> Reply:
    """Make everything about a person unreadable for ever. 200 also the second time; 404 for a stranger."""
    return shown(Suppliers, service().erase_contact(supplier_id, contact_id))
