"""What CRM does when another service says something: it keeps the order's life up to date."""

from collections.abc import Iterable, Iterator

from services.crm.domain.progress import LineQuantity
from services.crm.domain.sales_order import SalesOrder
from shared.contracts import erp, scm
from shared.domain import Aggregate, Find
from shared.policy import Policies

policies = Policies()


@policies.when(erp.CreditHeld)
def show_the_order_held(held: erp.CreditHeld, find: Find) -> Iterator[Aggregate]:
    """The order waits for credit."""
    order = find(SalesOrder, held.order_id)
    order.credit_held(held.revision)
    yield order


@policies.when(erp.CreditApproved)
def show_the_order_approved(approved: erp.CreditApproved, find: Find) -> Iterator[Aggregate]:
    """The order stands within the customer's credit."""
    order = find(SalesOrder, approved.order_id)
    order.credit_approved(approved.revision)
    yield order


@policies.when(scm.StockReserved)
def show_what_is_held(reserved: scm.StockReserved, find: Find) -> Iterator[Aggregate]:
    """Goods are held for the order, line by line."""
    order = find(SalesOrder, reserved.order_id)
    order.stock_reserved(_parts(reserved.lines))
    yield order


@policies.when(scm.StockShort)
def show_what_is_missing(short: scm.StockShort, find: Find) -> Iterator[Aggregate]:
    """The order waits for goods."""
    order = find(SalesOrder, short.order_id)
    order.stock_short(_parts(short.lines))
    yield order


@policies.when(scm.AmendmentAccepted)
def show_the_order_as_amended(accepted: scm.AmendmentAccepted, find: Find) -> Iterator[Aggregate]:
    """The order is as it was asked to be; what is not wanted any more is not held any more."""
    order = find(SalesOrder, accepted.order_id)
    order.amendment_accepted(accepted.revision, _parts(accepted.lines))
    yield order


@policies.when(scm.AmendmentRefused)
def keep_the_order_as_it_was(refused: scm.AmendmentRefused, find: Find) -> Iterator[Aggregate]:
    """The order could not be changed as asked: it is what it was, and says why."""
    order = find(SalesOrder, refused.order_id)
    order.amendment_refused(refused.revision, refused.reason)
    yield order


@policies.when(scm.OrderRejected)
def end_the_order(refused: scm.OrderRejected, find: Find) -> Iterator[Aggregate]:
    """The order cannot be delivered and ends."""
    order = find(SalesOrder, refused.order_id)
    order.rejected(refused.reason, refused.skus)
    yield order


@policies.when(scm.ShipmentDispatched)
def show_what_has_left(dispatched: scm.ShipmentDispatched, find: Find) -> Iterator[Aggregate]:
    """Goods are on their way to the customer."""
    order = find(SalesOrder, dispatched.order_id)
    order.shipped(
        dispatched.shipment_id,
        dispatched.dispatched_on,
        dispatched.carrier,
        dispatched.tracking,
        _parts(dispatched.lines),
    )
    yield order


@policies.when(scm.CancellationGranted)
def stop_the_order(granted: scm.CancellationGranted, find: Find) -> Iterator[Aggregate]:
    """What has not left will not leave."""
    order = find(SalesOrder, granted.order_id)
    order.cancellation_granted(granted.reason, _parts(granted.lines))
    yield order


@policies.when(scm.CancellationRefused)
def go_on_with_the_order(refused: scm.CancellationRefused, find: Find) -> Iterator[Aggregate]:
    """It was too late to stop the order: it is where it was."""
    order = find(SalesOrder, refused.order_id)
    order.cancellation_refused(refused.reason)
    yield order


@policies.when(erp.InvoicePosted)
def show_what_is_invoiced(posted: erp.InvoicePosted, find: Find) -> Iterator[Aggregate]:
    """The customer owes for what has left."""
    order = find(SalesOrder, posted.order_id)
    order.invoiced(posted.invoice_id, str(posted.number), posted.invoiced_on, posted.total, _parts(posted.lines))
    yield order


@policies.when(erp.InvoicePaymentChanged)
def show_what_is_paid(changed: erp.InvoicePaymentChanged, find: Find) -> Iterator[Aggregate]:
    """The customer paid, or a payment was taken back."""
    order = find(SalesOrder, changed.order_id)
    order.payment_changed(changed.invoice_id, changed.payment_id, changed.paid_on, changed.open)
    yield order


@policies.when(erp.InvoiceWrittenOff)
def show_what_is_written_off(written_off: erp.InvoiceWrittenOff, find: Find) -> Iterator[Aggregate]:
    """The customer is not asked for the small rest of an invoice."""
    order = find(SalesOrder, written_off.order_id)
    order.invoice_written_off(written_off.invoice_id, written_off.written_off_on, written_off.amount, written_off.open)
    yield order


def _parts(lines: Iterable[scm.GoodsLine | erp.InvoiceLine]) -> tuple[LineQuantity, ...]:
    return tuple(LineQuantity(each.line, each.quantity) for each in lines)
