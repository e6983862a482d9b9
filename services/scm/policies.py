"""What SCM does when another service says something."""

from collections.abc import Iterable, Iterator

from services.scm.domain.amending import go_on
from services.scm.domain.expected_delivery import ExpectedDelivery
from services.scm.domain.fulfilment import Fulfilment
from services.scm.domain.goods import GoodsLine
from services.scm.domain.order import Amendment, Order
from services.scm.domain.replenishment import follow, review, settle
from services.scm.domain.reservation import stop_the_order
from shared.contracts import crm, erp, srm
from shared.domain import Aggregate, Find
from shared.policy import Policies

policies = Policies()


@policies.when(crm.SalesOrderPlaced)
def remember_the_order(placed: crm.SalesOrderPlaced, find: Find) -> Iterator[Aggregate]:
    """Know what was promised; hold the goods as soon as credit stands."""
    fulfilment = find(Fulfilment, order_id=placed.order_id)
    fulfilment.order_placed(
        Order(
            placed.customer_id,
            placed.ordered_on,
            placed.required_on,
            placed.warehouse,
            placed.backorder == "allow",
            _goods(placed.lines),
        )
    )
    yield from go_on(fulfilment, find)


@policies.when(erp.CreditApproved)
def hold_what_was_ordered(approved: erp.CreditApproved, find: Find) -> Iterator[Aggregate]:
    """Hold the ordered goods before anyone else can take them, or amend the order; ask for what is missing."""
    fulfilment = find(Fulfilment, order_id=approved.order_id)
    fulfilment.credit_approved(approved.revision)
    yield from go_on(fulfilment, find)


@policies.when(crm.SalesOrderAmendmentRequested)
def amend_or_say_it_cannot_be(requested: crm.SalesOrderAmendmentRequested, find: Find) -> Iterator[Aggregate]:
    """Let nothing leave until credit stands for the amended order, then amend it; refuse what is less than has left."""
    fulfilment = find(Fulfilment, order_id=requested.order_id)
    fulfilment.ask_for(
        Amendment(requested.revision, _goods(requested.lines), requested.required_on, requested.only_before_dispatch)
    )
    yield from go_on(fulfilment, find)


@policies.when(crm.SalesOrderCancellationRequested)
def stop_or_say_it_is_too_late(requested: crm.SalesOrderCancellationRequested, find: Find) -> Iterator[Aggregate]:
    """Stop what has not left and free its goods for others; refuse once everything has left."""
    fulfilment = find(Fulfilment, order_id=requested.order_id)
    yield from stop_the_order(fulfilment, requested.reason, find)


@policies.when(srm.PurchaseOrderSent)
def expect_the_goods(sent: srm.PurchaseOrderSent, find: Find) -> Iterator[Aggregate]:
    """Know what will arrive, so that only what was ordered is taken in; what was asked for with it is on order now."""
    delivery = find(
        ExpectedDelivery,
        purchase_order_id=sent.purchase_order_id,
        warehouse=sent.warehouse,
        lines=_goods(sent.lines),
    )
    delivery.tolerate(sent.over_receipt_percent)
    if sent.request_id is not None:
        yield from settle(sent.request_id, find)
    yield from _follow(delivery, find)


@policies.when(srm.PurchaseOrderRevised)
def expect_what_is_ordered_now(revised: srm.PurchaseOrderRevised, find: Find) -> Iterator[Aggregate]:
    """Take in what the revised order asks for; what has come against an older revision stays."""
    delivery = find.maybe(ExpectedDelivery, ExpectedDelivery.create_id(revised.purchase_order_id))
    if delivery is not None:
        delivery.revise(_goods(revised.lines), revised.over_receipt_percent)
        yield from _follow(delivery, find)


@policies.when(srm.PurchaseOrderCancelled)
def expect_no_more(cancelled: srm.PurchaseOrderCancelled, find: Find) -> Iterator[Aggregate]:
    """Take nothing in any more for an order that was cancelled; what is then missing is asked for anew."""
    delivery = find.maybe(ExpectedDelivery, ExpectedDelivery.create_id(cancelled.purchase_order_id))
    if delivery is not None:
        delivery.cancel()
        yield from _follow(delivery, find)


@policies.when(srm.PurchaseOrderClosed)
def take_nothing_in_any_more(closed: srm.PurchaseOrderClosed, find: Find) -> Iterator[Aggregate]:
    """Take nothing in any more for an order that was closed; what is then missing is asked for anew."""
    delivery = find.maybe(ExpectedDelivery, ExpectedDelivery.create_id(closed.purchase_order_id))
    if delivery is not None:
        delivery.close()
        yield from _follow(delivery, find)


@policies.when(srm.PurchaseRequestCancelled)
def ask_no_more(cancelled: srm.PurchaseRequestCancelled, find: Find) -> Iterator[Aggregate]:
    """Count on the request no longer; what is missing is asked for anew when stock next changes."""
    yield from settle(cancelled.request_id, find)


def _follow(delivery: ExpectedDelivery, find: Find) -> Iterator[Aggregate]:
    """What is on order has changed: ask for what will now be missing."""
    yield delivery
    yield from follow(delivery, find)
    yield from review(sorted(delivery.skus), delivery.warehouse, find)


def _goods(lines: Iterable[crm.OrderLine | srm.PurchaseLine]) -> tuple[GoodsLine, ...]:
    return tuple(GoodsLine(each.line, each.sku, each.quantity) for each in lines)
