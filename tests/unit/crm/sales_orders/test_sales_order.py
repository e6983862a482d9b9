"""Sales orders and their progress, with the events of other services in any order."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as any_

from services.crm.sales_orders.domain.order_terms import OrderLine
from services.crm.sales_orders.domain.sales_order import SalesOrder
from services.crm.sales_orders.domain.status import Status
from shared.domain import AmountTooLarge, ForeignCurrency, WrongStatus
from shared.money import Money, UnitPrice
from shared.testing import given, new_events
from tests.unit.crm.sales_orders import examples
from tests.unit.crm.sales_orders.examples import ALL, BOLTS, NUTS, a_draft, on_an_invoice, parts, place

TOTAL = Money("6.35", "USD")
NOTHING = Money("0", "USD")

Change = Callable[[SalesOrder], None]


def held(order):
    order.credit_held()


def approved(order):
    order.credit_approved()


def reserved(some=ALL) -> Change:
    return lambda order: order.stock_reserved(some)


def short(some) -> Change:
    return lambda order: order.stock_short(some)


def shipped(some=ALL) -> Change:
    return lambda order: order.shipped(examples.SHIPMENT, examples.SHIPPED_ON, "UPS", None, some)


def invoiced(some=ALL) -> Change:
    return lambda order: order.invoiced(examples.INVOICE, "1", examples.SHIPPED_ON, TOTAL, on_an_invoice(some))


def settlement_changed(amount: Money) -> Change:
    return lambda order: order.settlement_changed(examples.INVOICE, examples.PAYMENT, examples.PAID_ON, amount)


def cancellation_requested(order):
    order.cancel("changed their mind")


def cancellation_granted(some) -> Change:
    return lambda order: order.cancellation_granted("changed their mind", some)


def cancellation_refused(order):
    order.cancellation_refused("all has left")


def test_each_line_of_the_total_is_rounded_half_up():
    order = a_draft(BOLTS, NUTS, freight=Money("3.00", "USD"))
    assert [line.net for line in order.terms.lines] == [Money("2.50", "USD"), Money("3.85", "USD")]
    assert (order.terms.net, order.terms.total) == (Money("6.35", "USD"), Money("9.35", "USD"))


def test_placing_fixes_date_terms_and_total():
    order = given(a_draft())
    order.place(date(1996, 7, 4), payment_terms_days=30)
    expected = {"ordered_on": date(1996, 7, 4), "payment_terms_days": 30, "total": TOTAL}
    assert new_events(order) == [("Placed", expected)]


def test_a_date_given_with_the_draft_is_kept():
    order = given(a_draft(ordered_on=date(1996, 7, 1)))
    order.place(date(1996, 7, 4), payment_terms_days=30)
    assert order.ordered_on == date(1996, 7, 1)


def test_an_order_is_placed_once():
    order = given(a_draft(), place)
    with pytest.raises(WrongStatus):
        order.place(date(1996, 7, 4), payment_terms_days=30)
    assert new_events(order) == []


@pytest.mark.parametrize(
    ("line", "freight", "field"),
    [
        (BOLTS, Money("3", "EUR"), "freight"),
        (OrderLine(1, "BOLT-M8", Decimal(1), UnitPrice("3", "EUR")), None, "lines/0/unit_price"),
    ],
)
def test_another_currency_inside_an_order_is_refused(line, freight, field):
    with pytest.raises(ForeignCurrency) as refused:
        a_draft(line, freight=freight)
    assert refused.value.field == field


def test_a_total_of_more_than_fifteen_digits_is_refused():
    most = UnitPrice("999999999999999.99", "USD")
    assert a_draft(OrderLine(1, "GOLD", Decimal(1), most)).terms.total == Money(most.amount, "USD")
    with pytest.raises(AmountTooLarge):
        a_draft(OrderLine(1, "GOLD", Decimal(1), most), OrderLine(2, "DUST", Decimal(1), UnitPrice("0.01", "USD")))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ([], "placed"),
        ([held], "held"),
        ([held, approved], "approved"),
        ([approved, reserved()], "reserved"),
        ([approved, reserved(parts(bolts=10)), short(parts(nuts=4))], "backordered"),
        ([approved, short(ALL)], "backordered"),
        ([approved, short(ALL), reserved()], "reserved"),
        ([approved, reserved(), shipped(parts(bolts=3))], "partly_shipped"),
        ([approved, reserved(), shipped()], "shipped"),
        ([approved, reserved(), shipped(parts(bolts=3)), invoiced(parts(bolts=3))], "partly_shipped"),
        ([approved, reserved(), shipped(), invoiced()], "invoiced"),
        ([approved, reserved(), shipped(), invoiced(), settlement_changed(Money("6.34", "USD"))], "invoiced"),
        ([approved, reserved(), shipped(), invoiced(), settlement_changed(NOTHING)], "paid"),
        (
            [approved, reserved(), shipped(), invoiced(), settlement_changed(NOTHING), settlement_changed(TOTAL)],
            "invoiced",
        ),
        ([cancellation_requested], "cancelling"),
        ([cancellation_requested, cancellation_granted(ALL)], "cancelled"),
        ([approved, reserved(), cancellation_requested, cancellation_refused], "reserved"),
        ([cancellation_requested, lambda order: order.rejected("shortage", ("NUT-M8",))], "cancelled"),
        ([lambda order: order.rejected("shortage", ("NUT-M8",))], "cancelled"),
    ],
)
def test_the_status_of_an_order_follows_the_events_of_the_other_services(changes, status):
    assert given(a_draft(), place, *changes).status == status


def test_a_partly_shipped_order_that_is_cancelled_continues_with_what_was_shipped():
    order = given(a_draft(), place, approved, reserved(), shipped(parts(bolts=10, nuts=1)), cancellation_requested)
    order.cancellation_granted("changed their mind", parts(nuts=3))
    assert order.status == "shipped"
    assert [line.reserved for line in order.progress.values()] == [0, 0]
    invoiced(parts(bolts=10, nuts=1))(order)
    assert order.status == "invoiced"


def test_shipped_goods_are_no_longer_reserved():
    order = given(a_draft(), place, approved, reserved(), shipped(parts(bolts=3)))
    assert (order.progress[1].reserved, order.progress[1].shipped, order.progress[2].reserved) == (7, 3, 4)


def test_a_cancelled_order_has_no_reserved_goods():
    order = given(a_draft(), place, approved, reserved(), cancellation_requested, cancellation_granted(ALL))
    assert [line.reserved for line in order.progress.values()] == [0, 0]


def test_a_draft_is_cancelled_at_once():
    order = given(a_draft())
    order.cancel("typed twice")
    assert new_events(order) == [("DraftCancelled", {"reason": "typed twice"})]
    assert order.status == Status.CANCELLED


def test_cancelling_a_placed_order_only_requests_it():
    order = given(a_draft(), place, approved)
    order.cancel("changed their mind")
    assert new_events(order) == [("CancellationRequested", {"reason": "changed their mind"})]


@pytest.mark.parametrize(
    "steps",
    [
        [cancellation_requested],
        [cancellation_requested, cancellation_granted(ALL)],
        [approved, reserved(), shipped()],
        [shipped(), invoiced()],
    ],
)
def test_a_cancellation_cannot_be_requested_twice_or_too_late(steps):
    order = given(a_draft(), place, *steps)
    with pytest.raises(WrongStatus):
        order.cancel("again")
    assert new_events(order) == []


def test_a_payment_records_the_change_of_the_open_amount():
    order = given(a_draft(), place, invoiced())
    order.settlement_changed(examples.INVOICE, examples.PAYMENT, examples.PAID_ON, Money("2.35", "USD"))
    order.settlement_changed(examples.INVOICE, examples.PAYMENT, examples.PAID_ON, TOTAL)
    assert [fields["amount"] for _, fields in new_events(order)] == [Money("4.00", "USD"), Money("-4.00", "USD")]


LINES = any_.lists(
    any_.tuples(
        any_.decimals(min_value="0.000001", max_value=10**6, places=6),
        any_.integers(0, 10**9),
        any_.decimals(min_value=0, max_value=100, places=2),
    ),
    min_size=1,
    max_size=8,
)


@for_any(LINES)
def test_a_total_is_the_sum_of_lines_each_rounded_by_itself(lines):
    promised = tuple(
        OrderLine(number, "SKU", quantity, UnitPrice(Decimal(cents) / 100, "USD"), discount)
        for number, (quantity, cents, discount) in enumerate(lines, 1)
    )
    exact = [Fraction(q) * cents * (100 - Fraction(discount)) / 100 for q, cents, discount in lines]
    assert a_draft(*promised).terms.total == Money(Decimal(sum(half_up(each) for each in exact)) / 100, "USD")


def half_up(cents: Fraction) -> int:
    return (2 * cents.numerator + cents.denominator) // (2 * cents.denominator)


FIRST, REST = parts(bolts=10, nuts=1), parts(nuts=3)
FROM_SCM = [reserved(FIRST), short(REST), shipped(FIRST), reserved(REST), shipped(REST)]
FROM_ERP = [held, approved, invoiced(FIRST), invoiced(REST), settlement_changed(NOTHING)]
STEPS = list(Status)


@any_.composite
def interleaved_events(draw) -> list[Change]:
    """Events of both services, each in its own order, interleaved in any way."""
    from_erp = sorted(draw(any_.sets(any_.integers(0, 9), min_size=5, max_size=5)))
    scm, erp = iter(FROM_SCM), iter(FROM_ERP)
    return [next(erp) if place in from_erp else next(scm) for place in range(10)]


@for_any(interleaved_events())
def test_events_in_any_order_end_the_same(changes):
    order = given(a_draft(), place, *changes)
    assert order.status == "paid"
    ends = [(line.reserved, line.shipped, line.invoiced) for line in order.progress.values()]
    assert ends == [(0, 10, 10), (0, 4, 4)]


@for_any(interleaved_events())
def test_the_status_never_goes_back(changes):
    order, seen = given(a_draft(), place), []
    for apply in changes:
        apply(order)
        seen.append(STEPS.index(order.status))
    assert seen == sorted(seen)
