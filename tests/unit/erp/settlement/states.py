"""Payments in each of their states, and calls of their commands."""

from uuid import uuid4

from services.erp.settlement.domain.payment import Allocation, Direction, Payment, Status
from shared.testing import given
from tests.unit.erp.examples import CUSTOMER, MARCH_5, MARCH_9, usd
from tests.unit.state_examples import StateExamples

INVOICE = uuid4()


def a_payment() -> Payment:
    settled = [Allocation(INVOICE, usd("10.00"))]
    return given(Payment.record(uuid4(), Direction.IN, CUSTOMER, MARCH_5, MARCH_5, usd("30.00"), settled))


def allocate(payment: Payment) -> None:
    payment.allocate([Allocation(uuid4(), usd("1.00"))], MARCH_9)


def deallocate(payment: Payment) -> None:
    payment.deallocate(INVOICE, MARCH_9)


def reverse(payment: Payment) -> None:
    payment.reverse(MARCH_9, None)


PAYMENTS = StateExamples(
    in_state={Status.POSTED: a_payment, Status.REVERSED: lambda: given(a_payment(), reverse)},
    commands={"allocate": allocate, "deallocate": deallocate, "reverse": reverse},
)

EXAMPLES = {Payment: PAYMENTS}
