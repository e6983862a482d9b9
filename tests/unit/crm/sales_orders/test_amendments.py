"""Amendments of placed orders: requested, then accepted or refused by SCM."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as any_

from services.crm.sales_orders.domain.order_terms import AmendableTerms, OrderLine, number_lines
from services.crm.sales_orders.domain.sales_order import SalesOrder
from services.crm.sales_orders.domain.status import Status
from shared.domain import ForeignCurrency, WrongStatus
from shared.money import Money, UnitPrice
from shared.testing import given, new_events
from tests.unit.crm.sales_orders.examples import BOLTS, NUTS, a_draft, parts, place

MORE_BOLTS = replace(BOLTS, quantity=Decimal(20))
CHEAPER_BOLTS = replace(BOLTS, unit_price=UnitPrice("0.20", "USD"))
NOTHING = Money.zero("USD")


def wanting(*lines: OrderLine, freight: Money = NOTHING) -> AmendableTerms:
    return AmendableTerms(lines=lines, freight=freight)


def amended(*lines: OrderLine, freight: Money = NOTHING):
    return lambda order: order.amend(wanting(*lines, freight=freight))


def accepted(revision, released=()):
    return lambda order: order.amendment_accepted(revision, released)


def quantities(order: SalesOrder) -> dict[int, int]:
    return {line.line: int(line.quantity) for line in order.terms.lines}


def test_a_draft_is_amended_at_once():
    order = given(a_draft())
    order.amend(wanting(NUTS))
    assert new_events(order) == [("Amended", {"terms": wanting(replace(NUTS, line=1))})]
    assert (order.status, quantities(order)) == (Status.DRAFT, {1: 4})


def test_amending_a_placed_order_is_requested():
    order = given(a_draft(), place)
    order.amend(wanting(MORE_BOLTS, NUTS))
    assert new_events(order) == [
        ("AmendmentRequested", {"revision": 2, "terms": wanting(MORE_BOLTS, NUTS), "only_before_dispatch": False})
    ]
    assert (order.status, quantities(order)) == (Status.AMENDING, {1: 10, 2: 4})


def test_an_accepted_amendment_replaces_the_terms_and_releases_removed_goods():
    order = given(a_draft(), place, lambda order: order.stock_reserved(parts(bolts=10, nuts=4)), amended(BOLTS))
    accepted(2, parts(nuts=4))(order)
    assert (order.status, order.revision, quantities(order)) == (Status.RESERVED, 2, {1: 10})
    assert (order.progress[2].ordered, order.progress[2].reserved) == (0, 0)


def test_a_refused_amendment_leaves_the_order_unchanged_with_a_reason():
    order = given(a_draft(), place, amended(BOLTS))
    order.amendment_refused(2, "line 2: 1 have left")
    assert (order.status, order.revision, quantities(order)) == (Status.PLACED, 1, {1: 10, 2: 4})
    assert order.refused_amendment is not None
    assert (order.refused_amendment.reason, order.reason) == ("line 2: 1 have left", None)


def test_a_decision_on_the_latest_amendment_decides_the_earlier_ones():
    order = given(a_draft(), place, amended(BOLTS), amended(NUTS))
    order.amendment_refused(3, "too late")
    assert (order.amendments, order.status) == ({}, Status.PLACED)


def test_a_decision_on_an_earlier_amendment_leaves_the_later_one_undecided():
    order = given(a_draft(), place, amended(BOLTS), amended(MORE_BOLTS))
    accepted(2)(order)
    assert (order.status, quantities(order)) == (Status.AMENDING, {1: 10})
    accepted(3)(order)
    assert quantities(order) == {1: 20}


def test_an_amendment_beyond_the_credit_is_held():
    order = given(a_draft(), place, lambda order: order.credit_approved(1), amended(MORE_BOLTS))
    order.credit_held(2)
    assert order.status == Status.HELD
    order.credit_approved(2)
    assert order.status == Status.AMENDING


def test_an_amendment_without_changes_is_not_requested():
    order = given(a_draft(), place)
    order.amend(wanting(BOLTS, NUTS))
    assert new_events(order) == []


def test_a_new_price_makes_a_new_line_and_the_former_price_the_former_line():
    order = given(a_draft(), place, amended(CHEAPER_BOLTS, NUTS), accepted(2))
    assert quantities(order) == {3: 10, 2: 4}
    order.amend(wanting(MORE_BOLTS))
    assert [line.line for line in order.requested_terms.lines] == [1]


def test_freight_changes_only_before_the_first_shipment():
    order = given(a_draft(), place)
    order.amend(wanting(BOLTS, freight=Money("3.00", "USD")))
    (_, requested), = new_events(order)  # fmt: skip
    assert requested["only_before_dispatch"]


def test_an_amendment_in_another_currency_is_refused():
    with pytest.raises(ForeignCurrency):
        given(a_draft(), place).amend(wanting(replace(BOLTS, unit_price=UnitPrice("1.00", "EUR"))))


def test_an_amending_order_is_cancelled_and_a_cancelling_order_is_not_amended():
    order = given(a_draft(), place, amended(MORE_BOLTS), lambda order: order.cancel("changed their mind"))
    with pytest.raises(WrongStatus):
        order.amend(wanting(BOLTS))
    order.cancellation_granted("changed their mind", parts(bolts=10, nuts=4))
    assert (order.status, order.amendments) == (Status.CANCELLED, {})


LINES = any_.lists(
    any_.builds(
        OrderLine, any_.integers(1, 9), any_.sampled_from(["BOLT", "NUT"]), any_.integers(1, 3).map(Decimal),
        any_.sampled_from([Money("1.00", "USD"), Money("2.00", "USD")]),
    ),
    min_size=1,
)  # fmt: skip


@for_any(LINES, LINES)
def test_a_line_number_always_identifies_the_same_line(first, second):
    known = tuple(number_lines(first, ()))
    then = tuple(number_lines(second, known))
    assert [line.line for line in known] == list(range(1, len(first) + 1))
    assert len({line.line for line in then}) == len(second)
    before = {line.line: line for line in known}
    for line, expected in zip(then, second, strict=True):
        assert replace(line, line=expected.line) == expected
        assert line.line not in before or line.item_and_price == before[line.line].item_and_price
    assert tuple(number_lines(then, known)) == then
