"""Kind 6: an order that was cancelled in part shows what was cancelled, and comes to what stands."""

import pytest

from shared.testing.web import usd
from tests.cases.desk import Desk, Row, days_ago


@pytest.fixture
def customer(desk: Desk) -> str:
    desk.stock_up("LAMP", "DESK")
    desk.bought(("LAMP", "20", "5.00"))
    return desk.customer()


def pay(desk: Desk, customer: str) -> None:
    for invoice in desk.rows("/erp/invoices"):
        paid = [{"document_id": invoice["id"], "amount": invoice["open"]}]
        desk.done("/erp/payments", {"direction": "in", "party_id": customer, "paid_on": days_ago(0),
                                    "amount": invoice["open"], "allocations": paid})  # fmt: skip


def figures(order: Row) -> list[tuple[str, str, str, str]]:
    return [(each["ordered"], each["cancelled"], each["shipped"], each["net"]["amount"]) for each in order["lines"]]


@pytest.mark.case("B14", "C14")
def test_two_of_three_shipped_and_the_rest_cancelled_come_to_two(desk: Desk, customer: str) -> None:
    order = desk.order(customer, ("LAMP", "3", "10.00"))
    desk.dispatch(order, ("LAMP", "2"))
    desk.done(f"/crm/sales-orders/{order['id']}/cancel", {"reason": "no more"})
    pay(desk, customer)
    shown = desk.sales_order(order)
    assert (shown["status"], shown["total"]) == ("paid", usd("20.00"))
    assert figures(shown) == [("3", "1", "2", "20.00")]


@pytest.mark.case("H5")
def test_one_of_nine_shipped_and_the_rest_cancelled_comes_to_one(desk: Desk, customer: str) -> None:
    order = desk.order(customer, ("LAMP", "9", "30.00"), freight=usd("5.00"))
    desk.dispatch(order, ("LAMP", "1"))
    desk.done(f"/crm/sales-orders/{order['id']}/cancel", {"reason": "no more"})
    pay(desk, customer)
    shown = desk.sales_order(order)
    assert (shown["status"], shown["net"], shown["total"]) == ("paid", usd("30.00"), usd("35.00"))
    assert figures(shown) == [("9", "8", "1", "30.00")]
    [listed] = desk.rows("/crm/sales-orders?group_by=status&sum=total")
    assert listed["sums"]["total"] == [usd("35.00")]
    assert desk.get(f"/erp/credit/{customer}")["exposure"] == usd("0.00")


@pytest.mark.case("B14", "H5")
def test_an_order_cancelled_before_anything_left_comes_to_nothing(desk: Desk, customer: str) -> None:
    order = desk.order(customer, ("LAMP", "3", "10.00"), freight=usd("5.00"))
    desk.done(f"/crm/sales-orders/{order['id']}/cancel", {"reason": "no more"})
    shown = desk.sales_order(order)
    assert (shown["status"], shown["total"], shown["freight"]) == ("cancelled", usd("0.00"), usd("0.00"))
    assert figures(shown) == [("3", "3", "0", "0.00")]


def test_a_cancelled_draft_comes_to_nothing(desk: Desk, customer: str) -> None:
    line = {"sku": "LAMP", "quantity": "3", "unit_price": usd("10.00")}
    draft = desk.done("/crm/sales-orders", {"customer_id": customer, "currency": "USD", "lines": [line]})
    assert desk.done(f"/crm/sales-orders/{draft['id']}/cancel", {"reason": "no"})["total"] == usd("0.00")


@pytest.mark.case("B14", "H5")
def test_parts_of_a_discounted_line_are_rounded_as_their_invoices(desk: Desk, customer: str) -> None:
    line = {"sku": "LAMP", "quantity": "7", "unit_price": usd("0.99"), "discount_percent": "12.5"}
    draft = desk.done("/crm/sales-orders", {"customer_id": customer, "currency": "USD", "lines": [line]})
    order = desk.done(f"/crm/sales-orders/{draft['id']}/place")
    for _ in range(3):
        desk.dispatch(order, ("LAMP", "1"))
    desk.done(f"/crm/sales-orders/{order['id']}/cancel", {"reason": "no more"})
    invoiced = [invoice["total"]["amount"] for invoice in desk.rows("/erp/invoices?sort=number")]
    assert invoiced == ["0.87", "0.87", "0.87"]
    assert desk.sales_order(order)["total"] == usd("2.61")


@pytest.mark.case("B14", "H5")
def test_a_purchase_order_that_ended_early_comes_to_what_arrived(desk: Desk, customer: str) -> None:
    for command, status in (("cancel", "cancelled"), ("close", "closed")):
        order = desk.purchase(desk.supplier(), ("LAMP", "20", "5.00"), ("DESK", "3", "1.00"))
        desk.receive(order, ("LAMP", "15"))
        ended = desk.done(f"/srm/purchase-orders/{order['id']}/{command}", {"reason": "no more"})
        assert (ended["status"], ended["total"]) == (status, usd("75.00"))
        assert [(each["ordered"], each["cancelled"], each["received"]) for each in ended["lines"]] == [
            ("20", "5", "15"), ("3", "3", "0"),
        ]  # fmt: skip


@pytest.mark.case("B14")
def test_an_order_of_two_items_that_was_amended_and_cancelled_comes_to_what_left(desk: Desk, customer: str) -> None:
    desk.bought(("DESK", "5", "2.00"))
    order = desk.order(customer, ("LAMP", "3", "10.00"), ("DESK", "2", "5.00"), freight=usd("4.00"))
    desk.dispatch(order, ("LAMP", "1"))
    more = [("LAMP", "5", "10.00"), ("DESK", "2", "5.00")]
    desk.amend(order, {"lines": [{"sku": sku, "quantity": n, "unit_price": usd(price)} for sku, n, price in more]})
    desk.dispatch(order, ("DESK", "1"))
    desk.done(f"/crm/sales-orders/{order['id']}/cancel", {"reason": "no more"})
    shown = desk.sales_order(order)
    assert (shown["net"], shown["total"]) == (usd("15.00"), usd("19.00"))
    assert figures(shown) == [("5", "4", "1", "10.00"), ("2", "1", "1", "5.00")]
    assert desk.get(f"/erp/credit/{customer}")["exposure"] == usd("19.00")


@pytest.mark.case("B14")
def test_the_rest_of_a_backorder_is_cancelled(desk: Desk, customer: str) -> None:
    order = desk.order(customer, ("LAMP", "100", "1.00"))
    desk.dispatch(order, ("LAMP", "5"))
    desk.done(f"/crm/sales-orders/{order['id']}/cancel", {"reason": "no more"})
    shown = desk.sales_order(order)
    assert (shown["status"], shown["total"]) == ("invoiced", usd("5.00"))
    assert figures(shown) == [("100", "95", "5", "5.00")]
    assert [row["backordered"] for row in desk.rows("/scm/stock?sku=LAMP")] == ["0"]


@pytest.mark.case("C17")
def test_a_refused_amendment_does_not_change_the_order(desk: Desk, customer: str) -> None:
    order = desk.order(customer, ("LAMP", "3", "10.00"))
    desk.dispatch(order, ("LAMP", "2"))
    less = {"lines": [{"sku": "LAMP", "quantity": "1", "unit_price": usd("10.00")}]}
    desk.amend(order, less)
    shown = desk.sales_order(order)
    assert (shown["status"], shown["reason"], shown["total"]) == ("partly_shipped", None, usd("30.00"))
    assert (shown["amendment"]["total"], shown["amendment"]["refused_because"]) == (
        usd("10.00"), "line 1: 2 were shipped",
    )  # fmt: skip
    more = {"lines": [{"sku": "LAMP", "quantity": "4", "unit_price": usd("10.00")}]}
    desk.amend(order, more)
    assert desk.sales_order(order)["amendment"] is None
