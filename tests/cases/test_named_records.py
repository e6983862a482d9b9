"""Kind 13: a document that names an unknown, deactivated or unsuitable record is refused at the field that names it."""

from typing import Any
from uuid import uuid4

import pytest

from shared.testing.web import usd
from tests.cases.desk import Desk, Row, days_ago, pointers


def line(sku: str, quantity: str = "1") -> Row:
    return {"sku": sku, "quantity": quantity, "unit_price": usd("9.00")}


def error_of(answered: Any) -> str:
    """Return the only error of a refused request."""
    assert answered.status_code == 422, answered.text
    [error] = answered.json["errors"]
    return f"{error['pointer']}: {error['detail']}"


@pytest.fixture
def goods(desk: Desk) -> Desk:
    """A warehouse MAIN, lamps and cups."""
    desk.stock_up("LAMP", "CUP")
    return desk


def sale(desk: Desk, *skus: str, **other: Any) -> Row:
    return {"customer_id": desk.customer(), "currency": "USD", "lines": [line(sku) for sku in skus], **other}


def purchase(desk: Desk, *skus: str, **other: Any) -> Row:
    lines = [line(sku) for sku in skus]
    return {"supplier_id": desk.supplier(), "currency": "USD", "warehouse": "MAIN", "lines": lines, **other}


# -- items and warehouses


@pytest.mark.case("B41", "C2", "F3")
def test_a_mistyped_item_of_a_sales_order_is_refused_at_its_line(goods: Desk) -> None:
    refused = goods.post("/crm/sales-orders", sale(goods, "LAMP", "LMAP"))
    assert error_of(refused) == "/lines/1/sku: unknown item LMAP: check its spelling, or register it first"
    placed = goods.order(goods.customer(), ("LAMP", "1", "9.00"))
    assert placed["number"] == "SO-1", "the refused order used up a number"
    assert pointers(goods.post(f"/crm/sales-orders/{placed['id']}/amend", {"lines": [line("LMAP")]})) == [
        "/lines/0/sku"
    ]


@pytest.mark.case("B41")
def test_a_mistyped_item_of_a_purchase_is_refused_at_its_line(goods: Desk) -> None:
    assert pointers(goods.post("/srm/purchase-orders", purchase(goods, "LAMP", "CUPP"))) == ["/lines/1/sku"]
    draft = goods.done("/srm/purchase-orders", purchase(goods, "LAMP"))
    assert pointers(goods.post(f"/srm/purchase-orders/{draft['id']}/revise", {"lines": [line("CUPP")]})) == [
        "/lines/0/sku"
    ]
    offer = {"supplier_id": goods.supplier(), "sku": "CUPP", "unit_price": usd("1.00"), "lead_time_days": 2}
    assert pointers(goods.post("/srm/supplier-items", offer)) == ["/sku"]


@pytest.mark.case("B41")
@pytest.mark.parametrize("path", ["/crm/sales-orders", "/srm/purchase-orders"])
def test_the_right_spelling_of_an_item_or_warehouse_is_suggested(goods: Desk, path: str) -> None:
    body = sale if "sales" in path else purchase
    assert error_of(goods.post(path, body(goods, "lamp"))) == "/lines/0/sku: unknown item lamp. Did you mean 'LAMP'?"
    wrong = goods.post(path, body(goods, "LAMP", warehouse="Main"))
    assert error_of(wrong) == "/warehouse: unknown warehouse Main. Did you mean 'MAIN'?"


@pytest.mark.case("C2")
@pytest.mark.parametrize("path", ["/crm/sales-orders", "/srm/purchase-orders"])
def test_an_unknown_warehouse_is_refused(goods: Desk, path: str) -> None:
    body = sale if "sales" in path else purchase
    assert pointers(goods.post(path, body(goods, "LAMP", warehouse="MIAN"))) == ["/warehouse"]


@pytest.mark.case("B41")
@pytest.mark.parametrize(("path", "rest"), [("/crm/sales-orders", "place"), ("/srm/purchase-orders", "send")])
def test_a_deactivated_item_is_neither_ordered_nor_drafted_until_it_is_reactivated(
    goods: Desk, path: str, rest: str
) -> None:
    body = sale if "sales" in path else purchase
    draft = goods.done(path, body(goods, "CUP", "LAMP"))
    goods.done("/scm/items/LAMP/deactivate")
    expected = "item LAMP is deactivated: choose another or reactivate it"
    assert error_of(goods.post(path, body(goods, "LAMP"))) == f"/lines/0/sku: {expected}"
    assert error_of(goods.post(f"{path}/{draft['id']}/{rest}")) == f"/lines/1/sku: {expected}"
    goods.done("/scm/items/LAMP/reactivate")
    goods.done(f"{path}/{draft['id']}/{rest}")


@pytest.mark.case("C2")
@pytest.mark.parametrize(("path", "rest"), [("/crm/sales-orders", "place"), ("/srm/purchase-orders", "send")])
def test_a_deactivated_warehouse_takes_no_new_orders(goods: Desk, path: str, rest: str) -> None:
    body = sale if "sales" in path else purchase
    goods.done("/scm/warehouses", {"code": "EAST", "name": "East"})
    draft = goods.done(path, body(goods, "LAMP", warehouse="EAST"))
    [east] = goods.rows("/scm/warehouses?code=EAST")
    goods.done(f"/scm/warehouses/{east['id']}/deactivate")
    assert pointers(goods.post(path, body(goods, "LAMP", warehouse="EAST"))) == ["/warehouse"]
    assert pointers(goods.post(f"{path}/{draft['id']}/{rest}")) == ["/warehouse"]


@pytest.mark.case("B41", "B39")
def test_a_deactivated_supplier_is_sent_no_order_until_it_is_reactivated(goods: Desk) -> None:
    draft = goods.done("/srm/purchase-orders", purchase(goods, "LAMP"))
    supplier, send = f"/srm/suppliers/{draft['supplier_id']}", f"/srm/purchase-orders/{draft['id']}/send"
    goods.done(f"{supplier}/deactivate")
    again = {"supplier_id": draft["supplier_id"], "currency": "USD", "warehouse": "MAIN", "lines": [line("LAMP")]}
    assert pointers(goods.post("/srm/purchase-orders", again)) == ["/supplier_id"]
    assert pointers(goods.post(send)) == ["/supplier_id"]
    goods.done(f"{supplier}/reactivate")
    goods.done(send)
    goods.done(f"{supplier}/deactivate")
    assert goods.receive(draft, ("LAMP", "1")).status_code == 201, "what was ordered may arrive"


@pytest.mark.case("B41")
def test_a_line_of_an_order_may_stay_when_its_item_was_deactivated_since(goods: Desk) -> None:
    order = goods.order(goods.customer(), ("LAMP", "5", "9.00"))
    bought = goods.purchase(goods.supplier(), ("LAMP", "5", "4.00"))
    goods.done("/scm/items/LAMP/deactivate")
    goods.amend(order, {"lines": [line("LAMP", "4"), line("CUP")]})
    assert [each["sku"] for each in goods.sales_order(order)["lines"]] == ["LAMP", "CUP"]
    goods.done(f"/srm/purchase-orders/{bought['id']}/revise", {"lines": [{**line("LAMP", "4"), "line": 1}]})


@pytest.mark.case("B41")
def test_a_batch_refuses_only_the_orders_that_name_unknown_items(goods: Desk) -> None:
    bodies = [sale(goods, sku) for sku in ("LAMP", "LMAP", "CUP", "CPU")]
    answered = goods.post("/crm/sales-orders/batch", {"items": bodies})
    assert [each["status"] for each in answered.json["data"]] == [201, 422, 201, 422]


def test_an_item_is_known_as_soon_as_its_event_has_arrived(goods: Desk) -> None:
    assert pointers(goods.post("/crm/sales-orders", sale(goods, "TRAY"))) == ["/lines/0/sku"]
    goods.done("/scm/items", {"sku": "TRAY", "name": "Tray", "unit": "piece"})
    goods.done("/crm/sales-orders", sale(goods, "TRAY"))


# -- parties


def entry(account: str, party: str | None) -> Row:
    kept = {"account": account, "party": party, "debit": usd("15.00")}
    return {"posted_on": days_ago(0), "text": "Transfer", "lines": [kept, {"account": "1000", "credit": usd("15.00")}]}


def opening(account: str, party: str | None) -> Row:
    lines = [{"account": "1000", "amount": usd("1.00")}, {"account": account, "party": party, "amount": usd("15.00")}]
    return {"posted_on": days_ago(0), "lines": lines}


@pytest.mark.case("B39")
@pytest.mark.parametrize(("account", "kind"), [("1200", "customer"), ("2000", "supplier")])
def test_an_entry_for_a_party_that_does_not_exist_is_refused_and_leaves_no_row(
    desk: Desk, account: str, kind: str
) -> None:
    party = str(uuid4())
    refused = desk.post("/erp/journal-entries", entry(account, party))
    assert error_of(refused) == f"/lines/0/party: unknown {kind} {party}: check its spelling, or register it first"
    assert pointers(desk.post("/erp/opening-balances", opening(account, party))) == ["/lines/1/party"]
    assert desk.rows("/erp/receivables-aging") == desk.rows("/erp/payables-aging") == []


@pytest.mark.case("B39")
def test_an_entry_for_a_party_of_the_other_kind_is_refused(desk: Desk) -> None:
    customer, supplier = desk.customer(), desk.supplier()
    wrong = desk.post("/erp/journal-entries", entry("1200", supplier))
    assert error_of(wrong) == (
        "/lines/0/party: S-2 (Mill) is a supplier, and account 1200 requires a customer: "
        "give a customer, or another account"
    )
    wrong = desk.post("/erp/opening-balances", opening("2000", customer))
    assert error_of(wrong) == (
        "/lines/1/party: C-1 (Shop) is a customer, and account 2000 requires a supplier: "
        "give a supplier, or another account"
    )


@pytest.mark.case("B39")
def test_an_entry_for_a_party_of_the_right_kind_is_posted(desk: Desk) -> None:
    desk.done("/erp/journal-entries", entry("1200", desk.customer()))
    desk.done("/erp/opening-balances", opening("2000", desk.supplier()))
    assert desk.balance("1200") == "15.00"


def payment(direction: str, party: str, **other: Any) -> Row:
    paid = {"direction": direction, "party_id": party, "paid_on": days_ago(0), "amount": usd("5.00"), "allocations": []}
    return {**paid, **other}


@pytest.mark.case("C8")
def test_a_payment_from_a_supplier_or_an_unknown_party_is_refused(desk: Desk) -> None:
    supplier = desk.supplier()
    wrong = desk.post("/erp/payments", payment("in", supplier))
    assert error_of(wrong) == (
        "/party_id: S-1 (Mill) is a supplier, and a payment received requires a customer: refunds by suppliers are not "
        "possible yet, so give the customer who paid, or post a journal entry"
    )
    assert pointers(desk.post("/erp/payments", payment("in", str(uuid4())))) == ["/party_id"]
    desk.done("/erp/payments", payment("in", desk.customer()))
