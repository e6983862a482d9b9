"""What SRM does when another service says something."""

from collections.abc import Iterable, Iterator

from services.srm.domain.purchase_line import LineQuantity
from services.srm.domain.purchase_order import PurchaseOrder, Status
from services.srm.domain.purchase_request import PurchaseRequest
from services.srm.domain.sourcing import request_behind, source
from shared.contracts import erp, scm
from shared.domain import Aggregate, Find
from shared.policy import Policies

policies = Policies()


@policies.when(scm.PurchaseRequested)
def draft_an_order(requested: scm.PurchaseRequested, find: Find) -> Iterator[Aggregate]:
    """Draft an order at the best supplier not blocked for orders; until one offers the item, the request waits."""
    request = PurchaseRequest(
        sku=requested.sku,
        warehouse=requested.warehouse,
        quantity=requested.quantity,
        reason=requested.reason,
        needed_on=requested.needed_on,
        order_id=requested.order_id,
        id=requested.request_id,
    )
    yield from source(request, find)


@policies.when(scm.GoodsReceiptReversed)
def show_what_has_not_arrived(reversed_: scm.GoodsReceiptReversed, find: Find) -> Iterator[Aggregate]:
    """A receipt was a mistake: its goods are open again, and so is a request that took them for its own."""
    order = find(PurchaseOrder, reversed_.purchase_order_id)
    order.receipt_reversed(reversed_.receipt_id, _parts(reversed_.lines))
    yield order
    request = request_behind(order, find)
    if request is not None and order.status in (Status.SENT, Status.PARTLY_RECEIVED):
        request.receipt_reversed()
        yield request


@policies.when(scm.GoodsReceived)
def show_what_has_arrived(received: scm.GoodsReceived, find: Find) -> Iterator[Aggregate]:
    """Less of the order is open; a request whose goods are all here is done."""
    order = find(PurchaseOrder, received.purchase_order_id)
    order.goods_received(received.receipt_id, received.received_on, _parts(received.lines))
    yield order
    request = request_behind(order, find)
    if request is not None and order.status == Status.RECEIVED:
        request.goods_received()
        yield request


@policies.when(erp.SupplierInvoicePosted)
def show_what_was_billed(posted: erp.SupplierInvoicePosted, find: Find) -> Iterator[Aggregate]:
    """The supplier has billed so much of each line."""
    order = find(PurchaseOrder, posted.purchase_order_id)
    order.invoiced(posted.supplier_invoice_id, _parts(posted.lines))
    yield order


def _parts(lines: Iterable[scm.GoodsLine | erp.SupplierInvoiceLine]) -> tuple[LineQuantity, ...]:
    return tuple(LineQuantity(each.line, each.quantity) for each in lines)
