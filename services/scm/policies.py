"""SCM policies: fulfil sales orders, and expect the deliveries of purchase orders."""

from collections.abc import Iterable, Iterator

from services.scm.domain.customer_order import Amendment, CustomerOrder
from services.scm.domain.expected_delivery import ExpectedDelivery
from services.scm.domain.fulfilment import Fulfilment
from services.scm.domain.goods import GoodsLine
from services.scm.domain.order_amendment import reserve_or_amend
from services.scm.domain.replenishment import review_items, settle_request, update_supply
from services.scm.domain.reservation import cancel_order
from shared.contracts import crm, erp, srm
from shared.domain import Aggregate, UnitOfWork
from shared.policies import Policies

policies = Policies()


@policies.when(crm.SalesOrderPlaced)
def record_order(placed: crm.SalesOrderPlaced, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record the ordered goods; reserve them once the credit is approved."""
    fulfilment = uow.get_or_create(Fulfilment, order_id=placed.order_id)
    fulfilment.order_placed(
        CustomerOrder(
            placed.customer_id,
            placed.ordered_on,
            placed.required_on,
            placed.warehouse,
            placed.backorder == "allow",
            _goods_lines(placed.lines),
        )
    )
    yield from reserve_or_amend(fulfilment, uow)


@policies.when(erp.CreditApproved)
def reserve_ordered_goods(approved: erp.CreditApproved, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Reserve the ordered goods, or amend the order; request purchases of what is missing."""
    fulfilment = uow.get_or_create(Fulfilment, order_id=approved.order_id)
    fulfilment.credit_approved(approved.revision)
    yield from reserve_or_amend(fulfilment, uow)


@policies.when(crm.SalesOrderAmendmentRequested)
def answer_amendment_request(requested: crm.SalesOrderAmendmentRequested, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Stop shipments until credit is approved for the amendment, then apply it; refuse less than was shipped."""
    fulfilment = uow.get_or_create(Fulfilment, order_id=requested.order_id)
    fulfilment.request_amendment(
        Amendment(
            requested.revision, _goods_lines(requested.lines), requested.required_on, requested.only_before_dispatch
        )
    )
    yield from reserve_or_amend(fulfilment, uow)


@policies.when(crm.SalesOrderCancellationRequested)
def answer_cancellation_request(requested: crm.SalesOrderCancellationRequested, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Cancel what was not shipped and release its stock; refuse once everything was shipped."""
    fulfilment = uow.get_or_create(Fulfilment, order_id=requested.order_id)
    yield from cancel_order(fulfilment, requested.reason, uow)


@policies.when(srm.PurchaseOrderSent)
def expect_delivery(sent: srm.PurchaseOrderSent, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Expect the ordered goods, so that nothing else is received; they replace the purchase request in the supply."""
    delivery = uow.get_or_create(
        ExpectedDelivery,
        purchase_order_id=sent.purchase_order_id,
        warehouse=sent.warehouse,
        lines=_goods_lines(sent.lines),
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
        delivery.revise(_goods_lines(revised.lines), revised.over_receipt_percent)
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


@policies.when(srm.PurchaseRequestCancelled)
def close_purchase_request(cancelled: srm.PurchaseRequestCancelled, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Remove the request from the supply; what is missing is requested again when stock next changes."""
    yield from settle_request(cancelled.request_id, uow)


def _update_supply(delivery: ExpectedDelivery, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Update the quantities on order and request what will then be missing."""
    yield delivery
    yield from update_supply(delivery, uow)
    yield from review_items(sorted(delivery.skus), delivery.warehouse, uow)


def _goods_lines(lines: Iterable[crm.OrderLine | srm.PurchaseLine]) -> tuple[GoodsLine, ...]:
    return tuple(GoodsLine(each.line, each.sku, each.quantity) for each in lines)
