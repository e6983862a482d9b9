"""Blocks of suppliers, and the erasure of their personal data."""

from uuid import UUID

from services.srm.suppliers.commands import BlockSupplier, UnblockSupplier
from services.srm.suppliers.commands import Suppliers as SupplierCommands
from services.srm.suppliers.master_data import suppliers as suppliers
from services.srm.suppliers.projections import Suppliers
from shared.web import Reply, accepts, commands_getter, resource_reply

commands = commands_getter(SupplierCommands)


@suppliers.resource.post("/<uuid:supplier_id>/block", undo="unblock")
@accepts(BlockSupplier)
def block_supplier(supplier_id: UUID, body: BlockSupplier) -> Reply:
    """Block orders, payments or both until the block is lifted. 200 with the supplier."""
    return resource_reply(Suppliers, commands().block(supplier_id, body.purposes, body.reason))


@suppliers.resource.post("/<uuid:supplier_id>/unblock", undo="block")
@accepts(UnblockSupplier)
def unblock_supplier(supplier_id: UUID, body: UnblockSupplier) -> Reply:
    """Lift the block for these purposes, or for all. 200 with the supplier."""
    return resource_reply(Suppliers, commands().unblock(supplier_id, body.purposes))


@suppliers.resource.post("/<uuid:supplier_id>/erase", verb="erase", danger=True)
def erase_supplier(supplier_id: UUID) -> Reply:
    """Erase for good the supplier's tax id, bank account and addresses, and its contacts.

    200 with the supplier, also when repeated. Its code and name stay, since the books name it.
    """
    return resource_reply(Suppliers, commands().erase_all(supplier_id))


@suppliers.resource.post("/<uuid:supplier_id>/contacts/<uuid:contact_id>/erase", danger=True)
def erase_supplier_contact(supplier_id: UUID, contact_id: UUID) -> Reply:
    """Erase the personal fields of a contact for good. 200 also when repeated; 404 for an unknown contact."""
    return resource_reply(Suppliers, commands().erase_contact(supplier_id, contact_id))
