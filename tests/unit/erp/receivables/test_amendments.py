"""The books' side of an order that changes: what credit counts, and what is invoiced."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest

from services.erp.receivables.domain.credit_account import CreditAccount
from services.erp.receivables.domain.order_terms import OrderedLine
from services.erp.receivables.domain.sales_order_invoicing import SalesOrderInvoicing
from shared.contracts import crm, erp, scm
from shared.money import Money, line_net_amount
from shared.testing import given, new_events
from shared.testing.services import deliver
from tests.unit.erp.examples import (
    CUSTOMER,
    a_shipment,
    an_erp,
    an_order,
    an_order_invoicing,
    dispatch,
    invoices,
    order_line,
    record_published,
    usd,
)

ORDER, OTHER = uuid4(), uuid4()


def credit_requested(
    billing: SalesOrderInvoicing, revision: int, *lines: OrderedLine, instead_of: int | None = None
) -> str:
    """Request an amendment. Return the total that needs credit."""
    billing.request_amendment(revision, billing.order_terms.amend(lines, billing.order_terms.freight), instead_of)
    return str(billing.credit_amount.amount)


def test_the_version_with_the_highest_total_counts_until_the_decision():
    billing = an_order_invoicing(order_line(1, "10", "1.00"), freight="2.00")
    assert credit_requested(billing, 2, order_line(1, "4", "1.00")) == "12.00"
    billing.amendment_accepted(2)
    assert (billing.credit_amount, billing.order_terms.lines[0].quantity) == (usd("6.00"), 4)
    assert credit_requested(billing, 3, order_line(1, "50", "1.00")) == "52.00"
    billing.amendment_refused(3)
    assert billing.credit_amount == usd("6.00")


def test_held_terms_no_longer_count_after_another_request():
    billing = an_order_invoicing(order_line(1, "10", "1.00"))
    assert credit_requested(billing, 2, order_line(1, "99", "1.00")) == "99.00"
    assert credit_requested(billing, 3, order_line(1, "20", "1.00"), instead_of=2) == "20.00"


def test_goods_are_invoiced_by_the_version_in_force_when_they_left():
    billing = an_order_invoicing(order_line(1, "10", "1.00"), freight="2.00")
    first, freight = billing.invoice(dispatch(line_1="4"))
    credit_requested(billing, 2, order_line(1, "4", "1.00"), order_line(2, "5", "0.90"))
    billing.amendment_accepted(2)
    second, no_freight = billing.invoice(dispatch(line_2="5"))
    assert [each.net for each in (*first, *second)] == [usd("4.00"), usd("4.50")]
    assert (freight, no_freight, billing.uninvoiced) == (usd("2.00"), usd("0"), usd("0"))


def test_rounding_differences_of_a_shortened_line_are_released():
    billing = an_order_invoicing(order_line(1, "10", "0.01", discount="50"))
    for _ in range(3):
        billing.invoice(dispatch(line_1="1"))
    credit_requested(billing, 2, order_line(1, "3", "0.01", discount="50"))
    billing.amendment_accepted(2)
    assert (billing.uninvoiced, billing.credit_amount) == (usd("0"), usd("0.03"))


def test_a_refusal_received_before_the_request_settles_it():
    billing = an_order_invoicing(order_line(1, "10", "1.00"))
    billing.amendment_refused(2)
    assert not billing.request_amendment(2, billing.order_terms, None)


def test_no_more_credit_is_requested_for_a_closed_order():
    billing = given(an_order_invoicing(order_line(1, "10", "1.00")), SalesOrderInvoicing.close_order)
    assert not billing.request_amendment(2, billing.order_terms, None)


# -- credit


def an_account(limit: str, *steps) -> CreditAccount:
    credit = CreditAccount(uuid4())
    credit.change_terms("USD", usd(limit))
    return given(credit, *steps)


def test_an_order_and_its_increase_are_held_and_released_together():
    credit = an_account("100.00", lambda credit: credit.check_order(ORDER, usd("80.00")))
    credit.check_order(ORDER, usd("40.00"), 2)
    credit.release(ORDER, "they pay")
    assert new_events(credit) == [
        ("OrderHeld", {"order_id": ORDER, "total": usd("40.00"), "revision": 2}),
        ("OrderReleased", {"order_id": ORDER, "total": usd("40.00"), "reason": "they pay", "revision": 2}),
    ]
    assert credit.exposure_in("USD") == usd("120.00")


def test_a_held_order_that_becomes_smaller_is_approved():
    credit = an_account("100.00", lambda credit: credit.check_order(ORDER, usd("150.00")))
    credit.check_order(ORDER, usd("-60.00"), 2)
    assert new_events(credit) == [("OrderApproved", {"order_id": ORDER, "total": usd("90.00"), "revision": 2})]


def test_an_amendment_without_increase_is_approved_even_beyond_the_limit():
    credit = an_account("100.00", lambda credit: credit.check_order(ORDER, usd("80.00")))
    credit.change_terms("USD", usd("10.00"))
    credit.check_order(ORDER, usd("0.00"), 2)
    assert (ORDER in credit.held, credit.exposure_in("USD")) == (False, usd("80.00"))


@pytest.mark.parametrize(("less", "left"), [("40.00", "80.00"), ("120.00", "0.00"), ("50.00", "70.00")])
def test_the_held_part_of_an_order_is_released_before_the_approved_part(less, left):
    credit = an_account(
        "100.00",
        lambda credit: credit.check_order(ORDER, usd("80.00")),
        lambda each: each.check_order(ORDER, usd("40.00"), 2),
    )
    credit.reduce_exposure(ORDER, usd(less))
    assert (credit.held, credit.exposure_in("USD")) == ({}, usd(left))


def test_credit_released_by_an_amendment_approves_held_orders():
    credit = an_account(
        "100.00",
        lambda credit: credit.check_order(ORDER, usd("80.00")),
        lambda each: each.check_order(OTHER, usd("50.00")),
    )
    credit.reduce_exposure(ORDER, usd("30.00"))
    assert list(credit.held) == []


# -- events of the other services


def an_amendment(order: crm.SalesOrderPlaced, quantity: str, revision: int = 2) -> crm.SalesOrderAmendmentRequested:
    """Return the first line of the order in another quantity."""
    line = replace(order.lines[0], quantity=Decimal(quantity))
    total = line_net_amount(line.quantity, line.unit_price, line.discount_percent) + order.freight
    return crm.SalesOrderAmendmentRequested(
        order.order_id, revision, order.customer_id, None, (line,), order.freight, total, only_before_dispatch=False
    )


def exposure(service) -> Money:
    return service.receivables.get_credit_account(CUSTOMER).exposure_in("USD")


def test_a_larger_order_is_checked_again_with_its_new_total(tmp_path):
    service = an_erp(tmp_path, limit="100.00")
    order = an_order(("CHAI", "8", "10.00"))
    deliver(service, order)
    published = record_published(service)
    deliver(service, an_amendment(order, "11"))
    assert published() == [erp.CreditHeld(order.order_id, CUSTOMER, usd("100.00"), usd("80.00"), usd("30.00"), 2)]
    deliver(service, an_amendment(order, "10", revision=3))
    assert published()[1:] == [erp.CreditApproved(order.order_id, CUSTOMER, revision=3)]
    assert exposure(service) == usd("100.00")


def test_invoices_follow_the_accepted_order_and_credit_the_uninvoiced_rest(tmp_path):
    service = an_erp(tmp_path)
    order = an_order(("CHAI", "10", "10.00"), freight="5.00")
    deliver(service, order, a_shipment(order, "4"), an_amendment(order, "6"))
    assert exposure(service) == usd("105.00")
    deliver(service, scm.AmendmentAccepted(order.order_id, 2, ()), a_shipment(order, "2"))
    assert [each.total for each in invoices(service)] == [usd("45.00"), usd("20.00")]
    assert exposure(service) == usd("65.00")


def test_a_refused_amendment_releases_its_credit(tmp_path):
    service = an_erp(tmp_path)
    order = an_order(("CHAI", "10", "10.00"))
    deliver(service, order, an_amendment(order, "60"), scm.AmendmentRefused(order.order_id, 2, "too late"))
    assert exposure(service) == usd("100.00")


def test_an_amendment_of_a_closed_order_requests_no_credit(tmp_path):
    service = an_erp(tmp_path)
    order = an_order(("CHAI", "10", "10.00"))
    deliver(service, order, scm.CancellationGranted(order.order_id, "no more", ()), an_amendment(order, "60"))
    deliver(service, scm.AmendmentRefused(order.order_id, 2, "the order is cancelled"))
    assert exposure(service) == usd("0.00")
