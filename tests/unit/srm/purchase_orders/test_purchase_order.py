"""Purchase orders: lines, revisions and receipts."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as any_

from services.srm.purchase_orders.domain.purchase_line import (
    BelowReceivedQuantity,
    PurchaseLine,
    RevisedLine,
)
from services.srm.purchase_orders.domain.purchase_order import Status
from shared.domain import AmountTooLarge, ForeignCurrency, InvalidInput, WrongStatus
from shared.money import Money, UnitPrice
from shared.testing import given, new_events
from tests.unit.srm.purchase_orders.examples import ALL, BOLTS, NUTS, RECEIPT, RECEIVED_ON, a_draft, parts, send


def received(some):
    return lambda order: order.goods_received(RECEIPT, RECEIVED_ON, some)


def cancelled(order):
    order.cancel("not needed")


def closed(order):
    order.close("enough")


def reversed_(some):
    return lambda order: order.receipt_reversed(RECEIPT, some)


def test_the_total_is_the_sum_of_lines_each_rounded_by_itself():
    odd = PurchaseLine(3, "OIL", Decimal("0.5"), UnitPrice("0.01", "USD"))
    assert a_draft(BOLTS, NUTS, odd).total == Money("48.81", "USD")


def test_sending_fixes_date_and_total():
    order = given(a_draft())
    order.send(date(1996, 7, 1))
    assert new_events(order) == [("Sent", {"ordered_on": date(1996, 7, 1), "total": Money("48.80", "USD")})]


def test_a_date_given_with_the_draft_is_kept():
    order = given(a_draft(ordered_on=date(1996, 6, 1)), send)
    assert order.ordered_on == date(1996, 6, 1)


@pytest.mark.parametrize(
    ("steps", "status", "still_open"),
    [
        ([], "draft", [100, 40]),
        ([send], "sent", [100, 40]),
        ([send, received(parts(bolts=30))], "partly_received", [70, 40]),
        ([send, received(ALL)], "received", [0, 0]),
        ([send, received(parts(bolts=120, nuts=40))], "received", [0, 0]),
        ([cancelled], "cancelled", [0, 0]),
        ([send, received(parts(bolts=30)), cancelled], "cancelled", [0, 0]),
        ([send, cancelled, received(ALL)], "received", [0, 0]),
        ([send, received(parts(bolts=30)), closed], "closed", [0, 0]),
        ([send, received(ALL), closed], "closed", [0, 0]),
        ([send, closed, received(ALL)], "closed", [0, 0]),
        ([send, received(ALL), reversed_(parts(bolts=100))], "partly_received", [100, 0]),
        ([send, received(parts(bolts=30)), reversed_(parts(bolts=30))], "sent", [100, 40]),
    ],
)
def test_the_status_of_an_order_follows_its_goods(steps, status, still_open):
    order = given(a_draft(), *steps)
    assert order.status == status
    assert [order.open_quantity(line) for line in order.lines] == still_open


@pytest.mark.parametrize("steps", [[send], [cancelled], [send, received(ALL)]])
def test_only_a_draft_is_sent(steps):
    order = given(a_draft(), *steps)
    with pytest.raises(WrongStatus):
        send(order)
    assert new_events(order) == []


@pytest.mark.parametrize("steps", [[], [cancelled], [send, closed]])
def test_only_a_sent_order_that_has_not_ended_is_closed(steps):
    order = given(a_draft(), *steps)
    with pytest.raises(WrongStatus):
        closed(order)
    assert new_events(order) == []


def bolts(quantity, price="0.18", line=None):
    return RevisedLine("BOLT-M8", Decimal(quantity), UnitPrice(price, "USD"), line)


def nuts(quantity, price="0.77", line=None):
    return RevisedLine("NUT-M8", Decimal(quantity), UnitPrice(price, "USD"), line)


def revised(*lines, **terms):
    return lambda order: order.revise(lines or None, **terms)


@pytest.mark.parametrize("steps", [[], [send], [send, received(parts(bolts=30))]])
def test_a_draft_or_sent_order_is_revised(steps):
    order = given(a_draft(), *steps)
    order.revise((bolts(80, "0.20"), nuts(40)), date(1996, 8, 1), Decimal(5))
    assert new_events(order) == [
        (
            "Revised",
            {
                "revision": 1,
                "lines": (PurchaseLine(1, "BOLT-M8", Decimal(80), UnitPrice("0.20", "USD")), NUTS),
                "expected_on": date(1996, 8, 1),
                "over_receipt_percent": Decimal(5),
            },
        )
    ]


def test_omitted_terms_stay_unchanged():
    order = given(a_draft(expected_on=date(1996, 8, 1)), send)
    order.revise(over_receipt_percent=Decimal(10))
    assert (order.revision, order.expected_on, order.lines) == (1, date(1996, 8, 1), (BOLTS, NUTS))


def test_a_revision_without_changes_records_no_event():
    order = given(a_draft(), send)
    order.revise((nuts(40), bolts(100)))
    assert new_events(order) == []


def test_lines_keep_their_numbers_and_new_ones_count_on():
    order = given(a_draft(), send, revised(bolts(100)), revised(bolts(100), nuts(7)))
    assert [(each.line, each.sku, each.quantity) for each in order.lines] == [(1, "BOLT-M8", 100), (3, "NUT-M8", 7)]


def test_two_lines_of_one_item_are_distinguished_by_number():
    order = given(a_draft(BOLTS, PurchaseLine(2, "BOLT-M8", Decimal(5), UnitPrice("0.30", "USD"))), send)
    order.revise((bolts(6, "0.30", line=2), bolts(90)))
    assert [(each.line, each.quantity) for each in order.lines] == [(1, 90), (2, 6)]


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ((bolts(1, line=3),), "lines/0/line"),
        ((bolts(1, line=1), bolts(1, line=1)), "lines/1/line"),
        ((nuts(1, line=1),), "lines/0/sku"),
    ],
)
def test_an_unknown_or_repeated_line_number_is_refused(lines, field):
    order = given(a_draft(), send)
    with pytest.raises(InvalidInput) as refused:
        order.revise(lines)
    assert refused.value.field == field


@pytest.mark.parametrize(("lines", "field"), [((nuts(40), bolts("29.9")), "lines/1/quantity"), ((nuts(40),), "lines")])
def test_no_line_is_revised_below_its_received_quantity(lines, field):
    order = given(a_draft(), send, received(parts(bolts=30)))
    with pytest.raises(
        BelowReceivedQuantity, match="30 of BOLT-M8 have arrived on line 1: keep at least 30"
    ) as refused:
        order.revise(lines)
    assert refused.value.field == field
    order.revise((nuts(40), bolts(30)))
    assert order.open_quantity(order.lines[0]) == 0


def test_a_line_with_an_excess_receipt_can_be_revised():
    order = given(a_draft(), send, received(parts(bolts=120)))
    order.revise((bolts(100, "0.20"), nuts(40)))
    assert order.revision == 1


def test_received_goods_of_a_removed_line_are_counted():
    order = given(a_draft(), send, revised(bolts(100)), received(parts(nuts=4)))
    assert [(each.sku, each.quantity, order.received[each.line]) for each in order.lines] == [
        ("BOLT-M8", 100, 0), ("NUT-M8", 0, 4),
    ]  # fmt: skip
    assert order.status == "partly_received"
    order.revise((bolts(90),))
    assert [each.line for each in order.lines] == [1, 2]


def test_another_currency_inside_a_revision_is_refused():
    with pytest.raises(ForeignCurrency) as refused:
        a_draft().revise((RevisedLine("BOLT-M8", Decimal(1), Money("1", "EUR")),))
    assert refused.value.field == "lines/0/unit_price"


@pytest.mark.parametrize("steps", [[cancelled], [send, closed]])
def test_an_order_that_has_ended_is_not_revised(steps):
    order = given(a_draft(), *steps)
    with pytest.raises(WrongStatus):
        order.revise((bolts(1),))
    assert new_events(order) == []


@pytest.mark.parametrize("steps", [[cancelled], [send, received(ALL)]])
def test_an_order_that_has_ended_is_not_cancelled(steps):
    order = given(a_draft(), *steps)
    with pytest.raises(WrongStatus):
        cancelled(order)
    assert new_events(order) == []


def test_another_currency_inside_an_order_is_refused():
    with pytest.raises(ForeignCurrency) as refused:
        a_draft(BOLTS, PurchaseLine(2, "NUT-M8", Decimal(1), UnitPrice("1", "EUR")))
    assert refused.value.field == "lines/1/unit_price"


def test_a_total_of_more_than_fifteen_digits_is_refused():
    most = UnitPrice("999999999999999.99", "USD")
    assert a_draft(PurchaseLine(1, "GOLD", Decimal(1), most)).total == Money(most.amount, "USD")
    with pytest.raises(AmountTooLarge):
        a_draft(
            PurchaseLine(1, "GOLD", Decimal(1), most), PurchaseLine(2, "DUST", Decimal(1), UnitPrice("0.01", "USD"))
        )


@for_any(any_.lists(any_.tuples(any_.integers(1, 100), any_.integers(1, 40)), max_size=6))
def test_received_and_open_add_up_to_the_ordered_quantity_until_it_is_exceeded(deliveries):
    order = given(a_draft(), send, *(received(parts(bolts=bolts, nuts=nuts)) for bolts, nuts in deliveries))
    for line, arrived in zip(order.lines, map(sum, zip((0, 0), *deliveries, strict=True)), strict=True):
        assert order.received[line.line] == arrived
        assert order.open_quantity(line) == max(line.quantity - arrived, 0)
    assert order.status in (Status.SENT, Status.PARTLY_RECEIVED, Status.RECEIVED)
