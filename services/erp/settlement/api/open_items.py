"""Open items of customers and suppliers."""

from uuid import UUID

from services.erp.ledger.commands import WriteOffReason
from services.erp.settlement.commands.open_items import OpenItemCommands
from services.erp.settlement.commands.payments import AllocateCredit, DeallocateCredit
from services.erp.settlement.projections.open_items import OpenItems
from shared.web import Reply, Resource, accepts, commands_getter, resource_reply

settlement = commands_getter(OpenItemCommands)

open_items = Resource("open-items", OpenItems)


@open_items.post("/<uuid:item_id>/allocate", undo="deallocate")
@accepts(AllocateCredit)
def allocate_open_item(item_id: UUID, body: AllocateCredit) -> Reply:
    """Settle documents from credit. 200 with the item; 409 for more than is left or open, or if the item is owed."""
    return resource_reply(OpenItems, settlement().allocate_open_item(item_id, body.allocations))


@open_items.post("/<uuid:item_id>/deallocate", undo="allocate")
@accepts(DeallocateCredit)
def deallocate_open_item(item_id: UUID, body: DeallocateCredit) -> Reply:
    """Settle a document no more: it is open again, its part is credit again. 200 with the item."""
    return resource_reply(OpenItems, settlement().deallocate_open_item(item_id, body.document_id))


@open_items.post("/<uuid:item_id>/write-off", undo="reverse-write-off")
@accepts(WriteOffReason)
def write_off_open_item(item_id: UUID, body: WriteOffReason) -> Reply:
    """Write off the open amount. 200 with the item; 409 above the write-off limit, or if it is paid or credit."""
    return resource_reply(OpenItems, settlement().write_off_open_item(item_id, body.reason))


@open_items.post("/<uuid:item_id>/reverse-write-off")
@accepts(WriteOffReason)
def reverse_open_item_write_off(item_id: UUID, body: WriteOffReason) -> Reply:
    """Reverse what was written off: it is open again. 200 with the item; 409 if nothing is written off."""
    return resource_reply(OpenItems, settlement().reverse_open_item_write_off(item_id, body.reason))
