"""The credit account of a customer explains its figures."""

import pytest

from shared.testing.web import usd
from tests.cases.desk import Desk, Row, days_ago


def prepay(desk: Desk, customer: str, amount: str) -> Row:
    """Record a payment before any invoice."""
    paid = {"direction": "in", "party_id": customer, "paid_on": days_ago(0), "amount": usd(amount), "allocations": []}
    return desk.done("/erp/payments", paid)


def figures(desk: Desk, customer: str) -> tuple[str, ...]:
    account = desk.get(f"/erp/credit/{customer}")
    return tuple(account[name]["amount"] for name in ("limit", "exposure", "prepaid", "available"))


@pytest.fixture
def customer(desk: Desk) -> str:
    desk.stock_up("LAMP")
    desk.bought(("LAMP", "100", "5.00"))
    return desk.customer(credit_limit=usd("100.00"))


@pytest.mark.case("C28")
def test_what_is_available_above_the_limit_is_explained_by_what_was_prepaid(desk: Desk, customer: str) -> None:
    assert figures(desk, customer) == ("100.00", "0.00", "0.00", "100.00")
    prepay(desk, customer, "50.00")
    assert figures(desk, customer) == ("100.00", "-50.00", "50.00", "150.00")
    [account] = desk.rows("/erp/credit?prepaid[gt]=0")
    assert account["customer_id"] == customer


@pytest.mark.case("C28")
def test_orders_use_what_was_prepaid_before_the_limit(desk: Desk, customer: str) -> None:
    prepay(desk, customer, "50.00")
    order = desk.order(customer, ("LAMP", "3", "10.00"))
    assert figures(desk, customer) == ("100.00", "-20.00", "20.00", "120.00")
    desk.dispatch(order)
    assert figures(desk, customer) == ("100.00", "-20.00", "20.00", "120.00")
    desk.order(customer, ("LAMP", "12", "10.00"))
    assert figures(desk, customer) == ("100.00", "100.00", "0.00", "0.00")


@pytest.mark.case("C28")
def test_a_reversed_prepayment_is_prepaid_no_more(desk: Desk, customer: str) -> None:
    paid = prepay(desk, customer, "50.00")
    desk.done(f"/erp/payments/{paid['id']}/reverse")
    assert figures(desk, customer) == ("100.00", "0.00", "0.00", "100.00")


@pytest.mark.case("C28")
def test_a_customer_without_a_limit_has_a_prepaid_amount_too(desk: Desk) -> None:
    customer = desk.customer()
    prepay(desk, customer, "50.00")
    account = desk.get(f"/erp/credit/{customer}")
    assert (account["limit"], account["available"], account["prepaid"]) == (None, None, usd("50.00"))
