"""Expected deliveries and goods receipts in each of their states, and calls of their commands."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.scm.items.domain.goods import GoodsLine, RequestedGoods
from services.scm.receiving.domain import expected_delivery, goods_receipt
from services.scm.receiving.domain.expected_delivery import ExpectedDelivery
from services.scm.receiving.domain.goods_receipt import GoodsReceipt
from shared.testing import end_of, given
from tests.unit.state_examples import StateExamples

PURCHASE_ORDER = UUID(int=1)
DAY = date(1996, 7, 1)
CHAI = (GoodsLine(1, "CHAI", Decimal(10)),)


def a_delivery(*steps: Callable[[ExpectedDelivery], object]) -> Callable[[], ExpectedDelivery]:
    return lambda: given(ExpectedDelivery(PURCHASE_ORDER, "MAIN", CHAI, date(1996, 7, 4), "USD"), *steps)


def receive(quantity: int) -> Callable[[ExpectedDelivery], object]:
    """Return the receipt of a quantity, up to twice the ordered one."""
    return lambda delivery: delivery.receive([RequestedGoods("CHAI", Decimal(quantity))], firm_percent=Decimal(100))


def a_receipt() -> GoodsReceipt:
    return given(GoodsReceipt(PURCHASE_ORDER, "MAIN", DAY, end_of(DAY), CHAI))


def reverse(receipt: GoodsReceipt) -> None:
    receipt.reverse("mistyped")


DELIVERIES = StateExamples(
    in_state={
        expected_delivery.Status.EXPECTED: a_delivery(),
        expected_delivery.Status.COMPLETE: a_delivery(receive(10)),
        expected_delivery.Status.CANCELLED: a_delivery(ExpectedDelivery.cancel),
        expected_delivery.Status.CLOSED: a_delivery(ExpectedDelivery.close),
    },
    commands={"receive": receive(1)},
    refusal=": use another purchase order$",
)
RECEIPTS = StateExamples(
    in_state={
        goods_receipt.Status.RECEIVED: a_receipt,
        goods_receipt.Status.REVERSED: lambda: given(a_receipt(), reverse),
    },
    commands={"reverse": reverse},
)

EXAMPLES = {ExpectedDelivery: DELIVERIES, GoodsReceipt: RECEIPTS}
