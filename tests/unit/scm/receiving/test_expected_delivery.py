from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from services.scm.items.domain.goods import GoodsLine, RequestedGoods
from services.scm.receiving.domain.expected_delivery import ExceedsOrderedQuantity, ExpectedDelivery, NotOnOrder, Status
from shared.domain import WrongStatus
from shared.testing import given, new_events


def line(number, sku, quantity):
    return GoodsLine(number, sku, Decimal(quantity))


def goods(sku, quantity):
    return RequestedGoods(sku, Decimal(quantity))


def a_delivery():
    lines = line(1, "CHAI", 10), line(2, "TOFU", 5), line(3, "CHAI", 10)
    return given(ExpectedDelivery(UUID(int=1), "MAIN", lines, date(1996, 7, 4), "USD"))


def test_goods_are_received_in_parts():
    delivery = a_delivery()
    assert delivery.receive([goods("CHAI", 4)]) == (line(1, "CHAI", 4),)
    assert delivery.receive([goods("CHAI", 8)]) == (line(1, "CHAI", 6), line(3, "CHAI", 2))
    assert delivery.open_lines == (line(2, "TOFU", 5), line(3, "CHAI", 8))
    assert delivery.status == Status.EXPECTED


def test_goods_are_received_up_to_the_tolerance():
    delivery = given(a_delivery(), lambda delivery: delivery.agree_tolerance(Decimal(20)))
    with pytest.raises(ExceedsOrderedQuantity, match=r"6\.1 of TOFU exceeds 6: revise the purchase order"):
        delivery.receive([goods("TOFU", "6.1")])
    assert delivery.receive([goods("TOFU", 6)]) == (line(2, "TOFU", 6),)
    assert new_events(delivery)[-1] == ("OverReceived", {"warehouse": "MAIN", "lines": (line(2, "TOFU", 1),)})
    with pytest.raises(ExceedsOrderedQuantity, match=r"0\.1 of TOFU exceeds 0"):
        delivery.receive([goods("TOFU", "0.1")])


def test_goods_in_another_spelling_were_not_ordered_and_the_refusal_names_the_right_one():
    with pytest.raises(NotOnOrder, match=r"^line 2: Tofu was not ordered\. Did you mean 'TOFU'\?$") as refused:
        a_delivery().receive([goods("TOFU", 1), goods("Tofu", 1)])
    assert refused.value.field == "lines/1/sku"


def test_open_lines_are_filled_before_any_line_is_exceeded():
    delivery = given(a_delivery(), lambda delivery: delivery.agree_tolerance(Decimal(10)))
    assert delivery.receive([goods("CHAI", 21)]) == (line(1, "CHAI", 11), line(3, "CHAI", 10))


def test_an_order_without_a_tolerance_has_the_tolerance_of_the_firm():
    delivery = a_delivery()
    assert delivery.receive([goods("TOFU", 6)], Decimal(20)) == (line(2, "TOFU", 6),)


def test_reversed_quantities_are_open_again():
    delivery = given(a_delivery(), lambda delivery: delivery.agree_tolerance(Decimal(20)))
    lines = delivery.receive([goods("CHAI", 20), goods("TOFU", 6)])
    given(delivery).reverse_receipt(lines)
    assert new_events(delivery)[0][1]["open_change"] == (line(1, "CHAI", 10), line(2, "TOFU", 5), line(3, "CHAI", 10))
    assert (delivery.status, delivery.received) == (Status.EXPECTED, ())


def test_a_revision_replaces_the_lines_and_keeps_the_receipts():
    delivery = given(a_delivery(), lambda delivery: delivery.receive([goods("CHAI", 12)]))
    delivery.revise((line(1, "CHAI", 12), line(3, "CHAI", 2), line(4, "BEER", 6)), None)
    assert new_events(delivery)[0][1]["open_change"] == (
        line(1, "CHAI", 2), line(2, "TOFU", -5), line(3, "CHAI", -8), line(4, "BEER", 6),
    )  # fmt: skip
    assert delivery.open_lines == (line(1, "CHAI", 2), line(4, "BEER", 6))
    with pytest.raises(NotOnOrder):
        delivery.receive([goods("TOFU", 1)])


def test_no_goods_are_received_after_closing():
    delivery = given(a_delivery(), lambda delivery: delivery.receive([goods("CHAI", 20), goods("TOFU", 5)]))
    delivery.agree_tolerance(Decimal(100))
    given(delivery).close()
    assert new_events(delivery) == [("Closed", {"warehouse": "MAIN", "lines": ()})]
    with pytest.raises(WrongStatus, match="is closed: use another purchase order"):
        delivery.receive([goods("CHAI", 1)])
    delivery.revise((line(1, "CHAI", 99),), None)
    assert (delivery.status, delivery.open_lines) == (Status.CLOSED, ())


def test_a_delivery_is_complete_when_no_line_is_open():
    delivery = given(a_delivery(), lambda delivery: delivery.receive([goods("CHAI", 20)]))
    delivery.receive([goods("TOFU", 5)])
    assert new_events(delivery) == [("Received", {"lines": (line(2, "TOFU", 5),)})]
    assert delivery.status == Status.COMPLETE


def test_a_quantity_above_the_open_one_is_refused_naming_the_line():
    delivery = given(a_delivery(), lambda delivery: delivery.receive([goods("TOFU", 4)]))
    with pytest.raises(ExceedsOrderedQuantity, match="line 2: 2 of TOFU exceeds 1") as refused:
        delivery.receive([goods("CHAI", 1), goods("TOFU", 2)])
    assert refused.value.field == "lines/1/quantity"
    assert new_events(delivery) == []


def test_an_item_not_ordered_is_refused_naming_the_line():
    delivery = a_delivery()
    with pytest.raises(NotOnOrder, match="line 1: BEER") as refused:
        delivery.receive([goods("BEER", 1)])
    assert refused.value.field == "lines/0/sku"
    assert new_events(delivery) == []


def test_no_goods_are_received_after_cancellation():
    delivery = given(a_delivery(), lambda delivery: delivery.receive([goods("CHAI", 12)]))
    delivery.cancel()
    assert new_events(delivery) == [
        ("Cancelled", {"warehouse": "MAIN", "lines": (line(2, "TOFU", 5), line(3, "CHAI", 8))})
    ]
    with pytest.raises(WrongStatus):
        delivery.receive([goods("CHAI", 1)])


def test_cancelling_a_complete_delivery_changes_nothing():
    delivery = given(a_delivery(), lambda delivery: delivery.receive([goods("CHAI", 20), goods("TOFU", 5)]))
    delivery.cancel()
    assert new_events(delivery) == []
