"""Money that came in settles documents to the last cent, and is taken back at most once."""

from uuid import uuid4

import pytest

from services.erp.domain.payment import Allocation, Direction, Payment, Status
from shared.domain import InvalidInput, WrongStatus
from shared.money import Money
from shared.testing import given, happened
from tests.unit.erp.examples import CUSTOMER, MARCH_5, MARCH_9, usd

PAYMENT, ONE, OTHER = uuid4(), uuid4(), uuid4()


def a_payment(amount: str, *parts: Allocation) -> Payment:
    return Payment.receive(PAYMENT, CUSTOMER, MARCH_5, usd(amount), parts)


def test_a_payment_may_settle_several_documents():
    payment = a_payment("30.00", Allocation(ONE, usd("20.00")), Allocation(OTHER, usd("10.00")))
    assert happened(payment) == [
        ("Received", {
            "payment_id": PAYMENT, "direction": Direction.IN, "party_id": CUSTOMER, "paid_on": MARCH_5,
            "amount": usd("30.00"),
            "allocations": (Allocation(ONE, usd("20.00")), Allocation(OTHER, usd("10.00"))),
        }),
    ]  # fmt: skip


@pytest.mark.parametrize("allocated", [[], ["29.99"], ["20.00", "10.01"]])
def test_allocations_add_up_to_the_amount(allocated: list[str]):
    with pytest.raises(InvalidInput) as refusal:
        a_payment("30.00", *(Allocation(ONE, usd(each)) for each in allocated))
    assert refusal.value.field == "allocations"


def test_a_payment_is_in_one_currency():
    with pytest.raises(InvalidInput) as refusal:
        a_payment("30.00", Allocation(ONE, usd("10.00")), Allocation(OTHER, Money("20.00", "EUR")))
    assert refusal.value.field == "allocations/1/amount"


def test_a_mistyped_payment_is_reversed_once():
    payment = given(a_payment("30.00", Allocation(ONE, usd("30.00"))))
    payment.reverse(MARCH_9, "typed twice")
    with pytest.raises(WrongStatus):
        payment.reverse(MARCH_9, "again")
    assert happened(payment) == [("Reversed", {"reversed_on": MARCH_9, "reason": "typed twice"})]
    assert payment.status == Status.REVERSED
