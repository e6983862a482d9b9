"""Reactions of purchase orders to events of SCM and ERP."""

from collections.abc import Iterator

from services.srm.purchase_orders.domain.purchase_order import PurchaseOrder, Status
from services.srm.purchase_orders.domain.request import purchase_request_of
from shared.contracts import erp, scm
from shared.domain import Aggregate, UnitOfWork, line_quantities
from shared.policies import Policies

policies = Policies()


@policies.when(scm.GoodsReceiptReversed)
def record_receipt_reversal(reversed_: scm.GoodsReceiptReversed, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Reopen the reversed quantities, and the request that their receipt had completed."""
    order = uow.get(PurchaseOrder, reversed_.purchase_order_id)
    order.receipt_reversed(reversed_.receipt_id, line_quantities(reversed_.lines))
    yield order
    request = purchase_request_of(order, uow)
    if request is not None and order.status in (Status.SENT, Status.PARTLY_RECEIVED):
        request.receipt_reversed()
        yield request


@policies.when(scm.GoodsReceived)
def record_goods_receipt(received: scm.GoodsReceived, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record the received quantities; complete the request once its whole order has arrived."""
    order = uow.get(PurchaseOrder, received.purchase_order_id)
    order.goods_received(received.receipt_id, received.received_on, line_quantities(received.lines))
    yield order
    request = purchase_request_of(order, uow)
    if request is not None and order.status == Status.RECEIVED:
        request.goods_received()
        yield request


@policies.when(erp.SupplierInvoicePosted)
def record_supplier_invoice(posted: erp.SupplierInvoicePosted, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record the invoiced quantity of each line of the invoice's orders."""
    for order_id in dict.fromkeys(each.purchase_order_id for each in posted.lines):
        order = uow.get(PurchaseOrder, order_id)
        lines = (each for each in posted.lines if each.purchase_order_id == order_id)
        order.invoiced(posted.supplier_invoice_id, line_quantities(lines))
        yield order
