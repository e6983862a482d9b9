"""Reactions of sales orders to events of ERP and SCM."""

from collections.abc import Iterator

from services.crm.sales_orders.domain.line_progress import InvoicedQuantity
from services.crm.sales_orders.domain.sales_order import SalesOrder
from shared.contracts import erp, scm
from shared.domain import Aggregate, UnitOfWork, line_quantities
from shared.policies import Policies

policies = Policies()


@policies.when(erp.CreditHeld)
def record_credit_hold(held: erp.CreditHeld, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record that the order is held for credit."""
    order = uow.get(SalesOrder, held.order_id)
    order.credit_held(held.revision)
    yield order


@policies.when(erp.CreditApproved)
def record_credit_approval(approved: erp.CreditApproved, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record that ERP approved the credit of the order."""
    order = uow.get(SalesOrder, approved.order_id)
    order.credit_approved(approved.revision)
    yield order


@policies.when(scm.StockReserved)
def record_reserved_stock(reserved: scm.StockReserved, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record the reserved quantity of each line."""
    order = uow.get(SalesOrder, reserved.order_id)
    order.stock_reserved(line_quantities(reserved.lines))
    yield order


@policies.when(scm.StockShort)
def record_stock_shortage(short: scm.StockShort, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record that goods are missing and that the order waits for them."""
    order = uow.get(SalesOrder, short.order_id)
    order.stock_short(line_quantities(short.lines))
    yield order


@policies.when(scm.AmendmentAccepted)
def apply_accepted_amendment(accepted: scm.AmendmentAccepted, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Put the amended terms into force and deduct the reserved quantities that SCM released."""
    order = uow.get(SalesOrder, accepted.order_id)
    order.amendment_accepted(accepted.revision, line_quantities(accepted.lines))
    yield order


@policies.when(scm.AmendmentRefused)
def record_amendment_refusal(refused: scm.AmendmentRefused, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Keep the order as it is and record why its amendment was refused."""
    order = uow.get(SalesOrder, refused.order_id)
    order.amendment_refused(refused.revision, refused.reason)
    yield order


@policies.when(scm.OrderRejected)
def cancel_rejected_order(rejected: scm.OrderRejected, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Cancel an order that SCM rejected because it cannot be delivered."""
    order = uow.get(SalesOrder, rejected.order_id)
    order.rejected(rejected.reason, rejected.skus)
    yield order


@policies.when(scm.ShipmentDispatched)
def record_shipment(dispatched: scm.ShipmentDispatched, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record the shipped quantities, the carrier and the tracking number."""
    order = uow.get(SalesOrder, dispatched.order_id)
    order.shipped(
        dispatched.shipment_id,
        dispatched.dispatched_on,
        dispatched.carrier,
        dispatched.tracking,
        line_quantities(dispatched.lines),
    )
    yield order


@policies.when(scm.CancellationGranted)
def apply_granted_cancellation(granted: scm.CancellationGranted, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Cancel the quantities of the order whose cancellation SCM granted."""
    order = uow.get(SalesOrder, granted.order_id)
    order.cancellation_granted(granted.reason, line_quantities(granted.lines))
    yield order


@policies.when(scm.CancellationRefused)
def record_cancellation_refusal(refused: scm.CancellationRefused, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Keep the order as it is and record why it could not be cancelled."""
    order = uow.get(SalesOrder, refused.order_id)
    order.cancellation_refused(refused.reason)
    yield order


@policies.when(erp.InvoicePosted)
def record_invoice(posted: erp.InvoicePosted, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record the invoice and the invoiced quantity of each line."""
    order = uow.get(SalesOrder, posted.order_id)
    order.invoiced(
        posted.invoice_id,
        posted.number,
        posted.invoiced_on,
        posted.total,
        tuple(InvoicedQuantity(each.line, each.quantity, each.net) for each in posted.lines),
    )
    yield order


@policies.when(erp.InvoiceSettlementChanged)
def record_invoice_settlement(changed: erp.InvoiceSettlementChanged, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record that a payment or credit settled a part of an invoice, or no longer does."""
    order = uow.get(SalesOrder, changed.order_id)
    order.settlement_changed(changed.invoice_id, changed.settled_by, changed.changed_on, changed.open)
    yield order


@policies.when(erp.InvoiceWrittenOff)
def record_write_off(written_off: erp.InvoiceWrittenOff, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record that the small remainder of an invoice was written off."""
    order = uow.get(SalesOrder, written_off.order_id)
    order.invoice_written_off(written_off.invoice_id, written_off.written_off_on, written_off.amount, written_off.open)
    yield order


@policies.when(erp.InvoiceWriteOffReversed)
def record_write_off_reversal(reversed_: erp.InvoiceWriteOffReversed, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record that an amount written off an invoice is open again."""
    order = uow.get(SalesOrder, reversed_.order_id)
    order.invoice_write_off_reversed(reversed_.invoice_id, reversed_.reversed_on, reversed_.amount, reversed_.open)
    yield order
