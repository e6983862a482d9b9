"""Reactions of receiving to events of SRM: the deliveries of purchase orders are expected."""

from collections.abc import Iterator

from services.scm.items.domain.goods import GoodsLine, lines_as_type
from services.scm.receiving.domain.expected_delivery import ExpectedDelivery
from services.scm.replenishment.domain.replenishment import remove_request, replenish_items, set_on_order_quantities
from shared.contracts import srm
from shared.domain import Aggregate, UnitOfWork
from shared.policies import Policies

policies = Policies()


@policies.when(srm.PurchaseOrderSent)
def expect_delivery(sent: srm.PurchaseOrderSent, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Expect the goods of a sent purchase order; they now count as on order, instead of its purchase request."""
    delivery = uow.get_or_create(
        ExpectedDelivery,
        purchase_order_id=sent.purchase_order_id,
        warehouse=sent.warehouse,
        lines=lines_as_type(sent.lines, GoodsLine),
        ordered_on=sent.ordered_on,
        currency=sent.currency,
        number=sent.number,
    )
    delivery.agree_tolerance(sent.over_receipt_percent)
    if sent.request_id is not None:
        yield from remove_request(sent.request_id, uow)
    yield from _set_on_order_quantities(delivery, uow)


@policies.when(srm.PurchaseOrderRevised)
def revise_expected_delivery(revised: srm.PurchaseOrderRevised, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Expect the revised quantities; receipts for earlier revisions stay."""
    delivery = uow.get_or_none(ExpectedDelivery, ExpectedDelivery.create_id(revised.purchase_order_id))
    if delivery is not None:
        delivery.revise(lines_as_type(revised.lines, GoodsLine), revised.over_receipt_percent)
        yield from _set_on_order_quantities(delivery, uow)


@policies.when(srm.PurchaseOrderCancelled)
def cancel_expected_delivery(cancelled: srm.PurchaseOrderCancelled, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Expect nothing more of a cancelled order, unless all has arrived; request what is then missing again."""
    delivery = uow.get_or_none(ExpectedDelivery, ExpectedDelivery.create_id(cancelled.purchase_order_id))
    if delivery is not None:
        delivery.cancel()
        yield from _set_on_order_quantities(delivery, uow)


@policies.when(srm.PurchaseOrderClosed)
def close_expected_delivery(closed: srm.PurchaseOrderClosed, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Receive nothing more for a closed order; request what is then missing again."""
    delivery = uow.get_or_none(ExpectedDelivery, ExpectedDelivery.create_id(closed.purchase_order_id))
    if delivery is not None:
        delivery.close()
        yield from _set_on_order_quantities(delivery, uow)


def _set_on_order_quantities(delivery: ExpectedDelivery, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Update the quantities on order and request what will then be missing."""
    yield delivery
    yield from set_on_order_quantities(delivery.purchase_order_id, delivery.warehouse, delivery.open_quantities, uow)
    yield from replenish_items(sorted(delivery.skus), delivery.warehouse, uow)
