from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from services.scm.fulfilment.domain.customer_order import CustomerOrder
from services.scm.fulfilment.domain.fulfilment import Fulfilment, NotReserved, Status
from services.scm.items.domain.goods import GoodsLine
from shared.domain import WrongStatus
from shared.testing import given, new_events

CHAI, TOFU = GoodsLine(1, "CHAI", Decimal(10)), GoodsLine(2, "TOFU", Decimal(5))
ORDER = CustomerOrder(UUID(int=7), date(1996, 7, 4), None, "MAIN", True, (CHAI, TOFU))


def part(line, quantity):
    return replace(line, quantity=Decimal(quantity))


def an_order():
    return Fulfilment(UUID(int=1))


def placed(fulfilment):
    fulfilment.order_placed(ORDER)


def approved(fulfilment):
    fulfilment.credit_approved()


def held(*lines):
    return lambda fulfilment: fulfilment.start("MAIN", lines)


def shipped(*lines):
    return lambda fulfilment: fulfilment.ship(lines)


def cancelled(fulfilment):
    fulfilment.cancel("changed their mind")


@pytest.mark.parametrize("changes", [(placed, approved), (approved, placed)])
def test_a_fulfilment_is_ready_after_order_and_credit_in_either_order(changes):
    first, second = changes
    fulfilment = given(an_order(), first)
    assert not fulfilment.is_ready
    second(fulfilment)
    assert fulfilment.is_ready


def test_the_same_event_twice_changes_nothing():
    fulfilment = given(an_order(), placed, approved)
    placed(fulfilment)
    approved(fulfilment)
    assert new_events(fulfilment) == []


def test_the_promise_is_the_required_date_or_else_the_order_date():
    assert ORDER.promised_on == date(1996, 7, 4)
    assert replace(ORDER, required_on=date(1996, 8, 1)).promised_on == date(1996, 8, 1)


def test_a_completely_reserved_order_has_no_missing_lines():
    fulfilment = given(an_order(), placed, approved)
    assert fulfilment.start("MAIN", (CHAI, TOFU)) == ()
    assert new_events(fulfilment) == [("StockReserved", {"warehouse": "MAIN", "lines": (CHAI, TOFU)})]
    assert fulfilment.status == Status.IN_PROGRESS


def test_unreserved_quantities_are_short():
    fulfilment = given(an_order(), placed, approved)
    assert fulfilment.start("MAIN", (part(CHAI, 4),)) == (part(CHAI, 6), TOFU)
    assert new_events(fulfilment) == [
        ("StockReserved", {"warehouse": "MAIN", "lines": (part(CHAI, 4),)}),
        ("StockShort", {"warehouse": "MAIN", "lines": (part(CHAI, 6), TOFU)}),
    ]


def test_goods_that_arrive_later_are_added_to_the_reserved_ones():
    fulfilment = given(an_order(), placed, approved, held(part(CHAI, 4)))
    fulfilment.add_reserved((part(CHAI, 6),))
    assert new_events(fulfilment) == [("StockReserved", {"warehouse": "MAIN", "lines": (part(CHAI, 6),)})]
    assert fulfilment.reserved == (CHAI,)


def test_an_order_is_shipped_when_all_its_goods_are():
    fulfilment = given(an_order(), placed, approved, held(CHAI, TOFU), shipped(CHAI))
    assert fulfilment.status == Status.IN_PROGRESS
    fulfilment.ship((TOFU,))
    assert new_events(fulfilment) == [("GoodsShipped", {"lines": (TOFU,)})]
    assert fulfilment.status == Status.SHIPPED


def test_a_part_of_a_line_may_be_shipped():
    fulfilment = given(an_order(), placed, approved, held(CHAI, TOFU), shipped(part(CHAI, 4)))
    assert fulfilment.reserved == fulfilment.unshipped == (part(CHAI, 6), TOFU)


@pytest.mark.parametrize("lines", [(part(CHAI, 5),), (TOFU,)])
def test_more_than_is_reserved_cannot_be_shipped(lines):
    fulfilment = given(an_order(), placed, approved, held(part(CHAI, 4)))
    with pytest.raises(NotReserved):
        fulfilment.ship(lines)
    assert new_events(fulfilment) == []


@pytest.mark.parametrize("steps", [(placed,), (placed, approved), (placed, approved, held(CHAI))])
def test_an_unshipped_order_can_be_cancelled(steps):
    fulfilment = given(an_order(), *steps)
    fulfilment.cancel("changed their mind")
    assert new_events(fulfilment) == [("Cancelled", {"reason": "changed their mind", "lines": (CHAI, TOFU)})]
    assert fulfilment.status == Status.CANCELLED


def test_the_rest_of_a_partly_shipped_order_can_be_cancelled():
    fulfilment = given(an_order(), placed, approved, held(CHAI), shipped(part(CHAI, 4)))
    fulfilment.cancel("changed their mind")
    assert new_events(fulfilment) == [("Cancelled", {"reason": "changed their mind", "lines": (part(CHAI, 6), TOFU)})]


def test_a_completely_shipped_order_cannot_be_cancelled():
    fulfilment = given(an_order(), placed, approved, held(CHAI, TOFU), shipped(CHAI, TOFU))
    fulfilment.cancel("changed their mind")
    assert new_events(fulfilment) == [("CancellationRefused", {"reason": "everything has been shipped"})]
    assert fulfilment.status == Status.SHIPPED


def test_a_cancellation_that_arrives_before_the_order_ends_it_on_arrival():
    fulfilment = given(an_order(), approved, cancelled)
    fulfilment.order_placed(ORDER)
    assert new_events(fulfilment) == [
        ("OrderPlaced", {"order": ORDER}),
        ("Cancelled", {"reason": "changed their mind", "lines": (CHAI, TOFU)}),
    ]
    assert not fulfilment.is_ready


@pytest.mark.parametrize("end", [cancelled, lambda fulfilment: fulfilment.refuse("shortage", ["CHAI"])])
def test_an_ended_order_is_neither_reserved_nor_cancelled_nor_shipped(end):
    fulfilment = given(an_order(), placed, end)
    approved(fulfilment)
    cancelled(fulfilment)
    assert new_events(fulfilment) == []
    assert not fulfilment.is_ready
    for late in [shipped(CHAI), held(CHAI), lambda fulfilment: fulfilment.add_reserved((CHAI,))]:
        with pytest.raises(WrongStatus):
            late(fulfilment)


def test_a_rejection_names_the_missing_items():
    fulfilment = given(an_order(), placed, approved)
    fulfilment.refuse("shortage", ["TOFU"])
    assert new_events(fulfilment) == [("Rejected", {"reason": "shortage", "skus": ("TOFU",)})]
