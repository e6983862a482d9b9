"""Purchase orders in each of their states, and calls of their commands."""

from collections.abc import Callable
from decimal import Decimal

from services.srm.purchase_orders.domain.purchase_order import PurchaseOrder, Status
from shared.domain import LineQuantity
from shared.testing import given
from tests.unit.srm.purchase_orders.examples import ALL, RECEIPT, RECEIVED_ON, a_draft, parts, send
from tests.unit.state_examples import StateExamples


def an_order(*steps: Callable[[PurchaseOrder], None]) -> Callable[[], PurchaseOrder]:
    return lambda: given(a_draft(), *steps)


def receive(lines: tuple[LineQuantity, ...]) -> Callable[[PurchaseOrder], None]:
    return lambda order: order.goods_received(RECEIPT, RECEIVED_ON, lines)


def revise(order: PurchaseOrder) -> None:
    order.revise(over_receipt_percent=Decimal(10))


def close(order: PurchaseOrder) -> None:
    order.close("enough")


def cancel(order: PurchaseOrder) -> None:
    order.cancel("not needed")


PURCHASE_ORDERS = StateExamples(
    in_state={
        Status.DRAFT: an_order(),
        Status.SENT: an_order(send),
        Status.PARTLY_RECEIVED: an_order(send, receive(parts(bolts=30))),
        Status.RECEIVED: an_order(send, receive(ALL)),
        Status.CANCELLED: an_order(send, cancel),
        Status.CLOSED: an_order(send, close),
    },
    commands={"send": send, "revise": revise, "close": close, "cancel": cancel},
)

EXAMPLES = {PurchaseOrder: PURCHASE_ORDERS}
