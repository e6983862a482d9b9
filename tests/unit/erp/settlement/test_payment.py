"""A payment settles documents, what is left of it is credit, and it is taken back at most once."""

from uuid import uuid4

import pytest

from services.erp.ledger.domain.open_amount import ExceedsOpenAmount
from services.erp.settlement.domain.payment import Allocation, Direction, Payment, PaymentDetails, Status
from shared.domain import InvalidInput, WrongStatus
from shared.money import Money
from shared.testing import given, new_events
from tests.unit.erp.examples import CUSTOMER, MARCH_5, MARCH_9, SUPPLIER, usd

PAYMENT, ONE, OTHER = uuid4(), uuid4(), uuid4()


def a_payment(amount: str, *parts: Allocation) -> Payment:
    return Payment.record(PAYMENT, Direction.IN, CUSTOMER, MARCH_5, MARCH_5, usd(amount), parts)


def test_a_payment_may_settle_several_documents():
    payment = a_payment("30.00", Allocation(ONE, usd("20.00")), Allocation(OTHER, usd("10.00")))
    assert new_events(payment) == [
        ("Recorded", {
            "payment_id": PAYMENT, "direction": Direction.IN, "party_id": CUSTOMER, "paid_on": MARCH_5,
            "posted_on": MARCH_5,
            "amount": usd("30.00"),
            "allocations": (Allocation(ONE, usd("20.00")), Allocation(OTHER, usd("10.00"))),
            "details": PaymentDetails(),
        }),
    ]  # fmt: skip


@pytest.mark.parametrize(("allocated", "left"), [([], "30.00"), (["20.00", "9.99"], "0.01"), (["30.00"], "0.00")])
def test_the_unallocated_part_of_a_payment_is_the_customers_credit(allocated: list[str], left: str):
    payment = a_payment("30.00", *(Allocation(ONE, usd(each)) for each in allocated))
    assert payment.unallocated == usd(left)


def test_allocating_more_than_the_payment_is_refused():
    with pytest.raises(InvalidInput) as refusal:
        a_payment("30.00", Allocation(ONE, usd("20.00")), Allocation(OTHER, usd("10.01")))
    assert refusal.value.field == "allocations"


@pytest.mark.parametrize("allocated", [[], ["29.99"], ["20.00", "10.01"]])
def test_an_outgoing_payment_must_be_allocated_in_full(allocated: list[str]):
    parts = [Allocation(ONE, usd(each)) for each in allocated]
    with pytest.raises(InvalidInput) as refusal:
        Payment.record(PAYMENT, Direction.OUT, SUPPLIER, MARCH_5, MARCH_5, usd("30.00"), parts)
    assert refusal.value.field == "allocations"


def test_credit_is_allocated_later_until_nothing_is_left():
    payment = given(a_payment("30.00", Allocation(ONE, usd("20.00"))))
    payment.allocate([Allocation(OTHER, usd("4.00"))], MARCH_9)
    assert new_events(payment) == [
        ("Allocated", {"allocations": (Allocation(OTHER, usd("4.00")),), "allocated_on": MARCH_9})
    ]
    assert payment.unallocated == usd("6.00")
    with pytest.raises(ExceedsOpenAmount):
        payment.allocate([Allocation(OTHER, usd("6.01"))], MARCH_9)
    payment.allocate([Allocation(OTHER, usd("6.00"))], MARCH_9)
    assert payment.unallocated == usd(0)


def test_a_reversed_payment_leaves_no_credit():
    payment = given(a_payment("30.00"), lambda payment: payment.reverse(MARCH_9, None))
    assert payment.unallocated == usd(0)
    with pytest.raises(WrongStatus):
        payment.allocate([Allocation(ONE, usd("1.00"))], MARCH_9)


def test_a_payment_is_in_one_currency():
    with pytest.raises(InvalidInput) as refusal:
        a_payment("30.00", Allocation(ONE, usd("10.00")), Allocation(OTHER, Money("20.00", "EUR")))
    assert refusal.value.field == "allocations/1/amount"


def test_a_mistyped_payment_is_reversed_once():
    payment = given(a_payment("30.00", Allocation(ONE, usd("30.00"))))
    payment.reverse(MARCH_9, "typed twice")
    with pytest.raises(WrongStatus):
        payment.reverse(MARCH_9, "again")
    assert new_events(payment) == [("Reversed", {"reversed_on": MARCH_9, "reason": "typed twice"})]
    assert payment.status == Status.REVERSED
