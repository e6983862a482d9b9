"""What SCM does when another service says something."""

from collections.abc import Iterable, Iterator

from services.scm.domain.expected_delivery import ExpectedDelivery
from services.scm.domain.fulfilment import Fulfilment, Order
from services.scm.domain.goods import GoodsLine
from services.scm.domain.reservation import hold_the_goods, stop_the_order
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
    yield from hold_the_goods(fulfilment, find)


@policies.when(erp.CreditApproved)
def hold_what_was_ordered(approved: erp.CreditApproved, find: Find) -> Iterator[Aggregate]:
    """Hold the ordered goods before anyone else can take them; ask for what is missing."""
    fulfilment = find(Fulfilment, order_id=approved.order_id)
    fulfilment.credit_approved()
    yield from hold_the_goods(fulfilment, find)


@policies.when(crm.SalesOrderCancellationRequested)
def stop_or_say_it_is_too_late(requested: crm.SalesOrderCancellationRequested, find: Find) -> Iterator[Aggregate]:
    """Stop what has not left and free its goods for others; refuse once everything has left."""
    fulfilment = find(Fulfilment, order_id=requested.order_id)
    yield from stop_the_order(fulfilment, requested.reason, find)


@policies.when(srm.PurchaseOrderSent)
def expect_the_goods(sent: srm.PurchaseOrderSent, find: Find) -> Iterator[Aggregate]:
    """Know what will arrive, so that only what was ordered is taken in."""
    yield find(
        ExpectedDelivery,
        purchase_order_id=sent.purchase_order_id,
        warehouse=sent.warehouse,
        lines=_goods(sent.lines),
    )


@policies.when(srm.PurchaseOrderCancelled)
def expect_no_more(cancelled: srm.PurchaseOrderCancelled, find: Find) -> Iterator[Aggregate]:
    """Take nothing in any more for an order that was cancelled."""
    delivery = find.maybe(ExpectedDelivery, ExpectedDelivery.create_id(cancelled.purchase_order_id))
    if delivery is not None:
        delivery.cancel()
        yield delivery


def _goods(lines: Iterable[crm.OrderLine | srm.PurchaseLine]) -> tuple[GoodsLine, ...]:
    return tuple(GoodsLine(each.line, each.sku, each.quantity) for each in lines)
