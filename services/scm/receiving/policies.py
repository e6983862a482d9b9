"""Reactions of receiving to events of SRM: the deliveries of purchase orders are expected."""

from collections.abc import Iterator

from services.scm.items.domain.goods import GoodsLine, convert_lines
from services.scm.receiving.domain.expected_delivery import ExpectedDelivery
from services.scm.replenishment.domain.replenishment import review_items, settle_request, update_supply
from shared.contracts import srm
from shared.domain import Aggregate, UnitOfWork
from shared.policies import Policies

policies = Policies()


@policies.when(srm.PurchaseOrderSent)
def expect_delivery(sent: srm.PurchaseOrderSent, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Expect the ordered goods, so that nothing else is received; they replace the purchase request in the supply."""
    delivery = uow.get_or_create(
        ExpectedDelivery,
        purchase_order_id=sent.purchase_order_id,
        warehouse=sent.warehouse,
        lines=convert_lines(sent.lines, GoodsLine),
    )
    delivery.agree_tolerance(sent.over_receipt_percent)
    if sent.request_id is not None:
        yield from settle_request(sent.request_id, uow)
    yield from _update_supply(delivery, uow)


@policies.when(srm.PurchaseOrderRevised)
def revise_expected_delivery(revised: srm.PurchaseOrderRevised, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Expect the revised quantities; receipts for earlier revisions stay."""
    delivery = uow.get_or_none(ExpectedDelivery, ExpectedDelivery.create_id(revised.purchase_order_id))
    if delivery is not None:
        delivery.revise(convert_lines(revised.lines, GoodsLine), revised.over_receipt_percent)
        yield from _update_supply(delivery, uow)


@policies.when(srm.PurchaseOrderCancelled)
def cancel_expected_delivery(cancelled: srm.PurchaseOrderCancelled, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Receive nothing more for a cancelled order; request what is then missing again."""
    delivery = uow.get_or_none(ExpectedDelivery, ExpectedDelivery.create_id(cancelled.purchase_order_id))
    if delivery is not None:
        delivery.cancel()
        yield from _update_supply(delivery, uow)


@policies.when(srm.PurchaseOrderClosed)
def close_expected_delivery(closed: srm.PurchaseOrderClosed, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Receive nothing more for a closed order; request what is then missing again."""
    delivery = uow.get_or_none(ExpectedDelivery, ExpectedDelivery.create_id(closed.purchase_order_id))
    if delivery is not None:
        delivery.close()
        yield from _update_supply(delivery, uow)


def _update_supply(delivery: ExpectedDelivery, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Update the quantities on order and request what will then be missing."""
    yield delivery
    yield from update_supply(delivery.purchase_order_id, delivery.warehouse, delivery.open_quantities, uow)
    yield from review_items(sorted(delivery.skus), delivery.warehouse, uow)
