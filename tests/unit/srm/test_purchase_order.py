"""What was ordered from a supplier, and how much of it has arrived."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as any_

from services.srm.domain.purchase_order import PurchaseLine, Status, TooLarge
from services.srm.domain.supplier import ForeignCurrency
from shared.domain import WrongStatus
from shared.money import Money
from shared.testing import given, happened
from tests.unit.srm.examples import ALL, BOLTS, NUTS, RECEIPT, RECEIVED_ON, a_draft, parts, sent


def received(some):
    return lambda order: order.goods_received(RECEIPT, RECEIVED_ON, some)


def cancelled(order):
    order.cancel("not needed")


def test_the_total_is_the_sum_of_lines_each_rounded_by_itself():
    odd = PurchaseLine(3, "OIL", Decimal("0.5"), Money("0.01", "USD"))
    assert a_draft(BOLTS, NUTS, odd).total == Money("48.81", "USD")


def test_sending_fixes_date_and_total():
    order = given(a_draft())
    order.send(date(1996, 7, 1))
    assert happened(order) == [("Sent", {"ordered_on": date(1996, 7, 1), "total": Money("48.80", "USD")})]


def test_a_date_given_with_the_draft_stands():
    order = given(a_draft(ordered_on=date(1996, 6, 1)), sent)
    assert order.ordered_on == date(1996, 6, 1)


@pytest.mark.parametrize(
    ("news", "status", "still_open"),
    [
        ([], "draft", [100, 40]),
        ([sent], "sent", [100, 40]),
        ([sent, received(parts(bolts=30))], "partly_received", [70, 40]),
        ([sent, received(ALL)], "received", [0, 0]),
        ([sent, received(parts(bolts=120, nuts=40))], "received", [0, 0]),
        ([cancelled], "cancelled", [0, 0]),
        ([sent, received(parts(bolts=30)), cancelled], "cancelled", [0, 0]),
        ([sent, cancelled, received(ALL)], "received", [0, 0]),
    ],
)
def test_an_order_stands_where_its_goods_are(news, status, still_open):
    order = given(a_draft(), *news)
    assert order.status == status
    assert [order.open(line) for line in order.lines] == still_open


@pytest.mark.parametrize("life", [[sent], [cancelled], [sent, received(ALL)]])
def test_only_a_draft_is_sent(life):
    order = given(a_draft(), *life)
    with pytest.raises(WrongStatus):
        sent(order)
    assert happened(order) == []


@pytest.mark.parametrize("life", [[cancelled], [sent, received(ALL)]])
def test_what_has_ended_is_not_cancelled(life):
    order = given(a_draft(), *life)
    with pytest.raises(WrongStatus):
        cancelled(order)
    assert happened(order) == []


def test_another_currency_inside_an_order_is_refused():
    with pytest.raises(ForeignCurrency) as refused:
        a_draft(BOLTS, PurchaseLine(2, "NUT-M8", Decimal(1), Money("1", "EUR")))
    assert refused.value.field == "lines/1/unit_price"


def test_what_adds_up_to_more_than_fifteen_digits_is_refused():
    most = Money("999999999999999.99", "USD")
    assert a_draft(PurchaseLine(1, "GOLD", Decimal(1), most)).total == most
    with pytest.raises(TooLarge):
        a_draft(PurchaseLine(1, "GOLD", Decimal(1), most), PurchaseLine(2, "DUST", Decimal(1), Money("0.01", "USD")))


@for_any(any_.lists(any_.tuples(any_.integers(1, 100), any_.integers(1, 40)), max_size=6))
def test_ordered_is_received_and_open_until_more_arrives_than_was_ordered(deliveries):
    order = given(a_draft(), sent, *(received(parts(bolts=bolts, nuts=nuts)) for bolts, nuts in deliveries))
    for line, arrived in zip(order.lines, map(sum, zip((0, 0), *deliveries, strict=True)), strict=True):
        assert order.received[line.line] == arrived
        assert order.open(line) == max(line.quantity - arrived, 0)
    assert order.status in (Status.SENT, Status.PARTLY_RECEIVED, Status.RECEIVED)
