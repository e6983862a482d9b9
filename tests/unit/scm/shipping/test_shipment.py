from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from services.scm.items.domain.goods import GoodsLine, RequestedGoods
from services.scm.shipping.domain.shipment import DispatchDetails, ExceedsShipment, NotInShipment, Shipment, Status
from shared.domain import WrongStatus
from shared.testing import end_of, given, new_events

TODAY, DETAILS = date(1996, 7, 16), DispatchDetails(carrier="SPEEDY", tracking="T-1")


def line(number, sku, quantity):
    return GoodsLine(number, sku, Decimal(quantity))


def a_shipment(*lines):
    goods = lines or (line(1, "CHAI", 10), line(2, "TOFU", 5))
    return given(Shipment(UUID(int=1), 1, UUID(int=2), "MAIN", goods, date(1996, 7, 4)))


def dispatched(shipment):
    shipment.dispatch(shipment.lines, TODAY, end_of(TODAY), DETAILS, complete=True)


def cancelled(shipment):
    shipment.cancel()


def test_all_lines_are_dispatched_unless_some_are_requested():
    assert a_shipment().resolve_lines(None) == (line(1, "CHAI", 10), line(2, "TOFU", 5))


def test_requested_goods_are_taken_from_the_lines_in_their_order():
    shipment = a_shipment(line(1, "CHAI", 4), line(2, "TOFU", 5), line(3, "CHAI", 6))
    assert shipment.resolve_lines([RequestedGoods("CHAI", Decimal(7))]) == (line(1, "CHAI", 4), line(3, "CHAI", 3))


@pytest.mark.parametrize(
    ("requested", "field"),
    [
        ([RequestedGoods("CHAI", Decimal(11))], "lines/0/quantity"),
        ([RequestedGoods("CHAI", Decimal(6)), RequestedGoods("CHAI", Decimal(5))], "lines/1/quantity"),
    ],
)
def test_more_than_the_shipment_contains_cannot_be_dispatched(requested, field):
    with pytest.raises(ExceedsShipment) as refused:
        a_shipment().resolve_lines(requested)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("sku", "remedy"), [("BEER", ""), ("chai", ". Did you mean 'CHAI'?"), ("\uff23hai", ". Did you mean 'CHAI'?")]
)
def test_an_item_that_is_not_in_the_shipment_cannot_be_dispatched(sku, remedy):
    with pytest.raises(NotInShipment) as refused:
        a_shipment().resolve_lines([RequestedGoods("TOFU", Decimal(5)), RequestedGoods(sku, Decimal(99))])
    assert str(refused.value) == f"line 2: {sku} is not in this shipment{remedy}"
    assert refused.value.field == "lines/1/sku"


def test_a_dispatched_shipment_keeps_its_lines_and_its_departure():
    shipment = a_shipment()
    shipment.dispatch((line(1, "CHAI", 4),), TODAY, end_of(TODAY), DETAILS, complete=False)
    assert new_events(shipment) == [
        (
            "Dispatched",
            {
                "lines": (line(1, "CHAI", 4),),
                "dispatched_on": TODAY,
                "at": end_of(TODAY),
                "details": DETAILS,
                "order_complete": False,
            },
        )
    ]
    assert (shipment.status, shipment.lines) == (Status.DISPATCHED, (line(1, "CHAI", 4),))
    assert (shipment.dispatched_on, shipment.at, shipment.details) == (TODAY, end_of(TODAY), DETAILS)


def test_goods_are_added_while_a_shipment_is_open():
    shipment = a_shipment(line(2, "TOFU", 5))
    shipment.add((line(1, "CHAI", 1), line(2, "TOFU", 2)))
    assert shipment.lines == (line(1, "CHAI", 1), line(2, "TOFU", 7))


@pytest.mark.parametrize("end", [dispatched, cancelled])
@pytest.mark.parametrize(
    "late",
    [
        dispatched,
        cancelled,
        lambda shipment: shipment.add((line(1, "CHAI", 1),)),
        lambda shipment: shipment.resolve_lines(None),
    ],
)
def test_a_dispatched_or_cancelled_shipment_does_not_change(end, late):
    shipment = given(a_shipment(), end)
    with pytest.raises(WrongStatus):
        late(shipment)
    assert new_events(shipment) == []
