"""Statements agree on the day they are of."""

from typing import Any

import pytest

from shared.testing.web import usd
from tests.cases.desk import Desk, days_ago

TODAY, TOMORROW = days_ago(0), days_ago(-1)
AS_OF_STATEMENTS = (
    "trial-balance", "balance-sheet", "stock-value", "goods-received-not-invoiced", "receivables-aging",
    "payables-aging",
)  # fmt: skip
BETWEEN_STATEMENTS = ("profit-and-loss", "general-ledger")


def trade_dated_tomorrow(desk: Desk) -> None:
    """Buy and sell today; rent and a payment are dated tomorrow, a day ahead as the firm allows."""
    desk.stock_up("LAMP")
    supplier, customer = desk.supplier(), desk.customer()
    bought = desk.purchase(supplier, ("LAMP", "10", "5.00"), ordered_on=TODAY)
    assert desk.receive(bought, ("LAMP", "10")).status_code == 201
    sold = desk.order(customer, ("LAMP", "4", "9.00"))
    assert desk.dispatch(sold).status_code == 200
    entry = {"posted_on": TOMORROW, "text": "Rent", "lines": [
        {"account": "6000", "debit": usd("7.00")}, {"account": "1000", "credit": usd("7.00")}]}  # fmt: skip
    desk.done("/erp/journal-entries", entry)
    paid = {"direction": "in", "party_id": customer, "paid_on": TOMORROW, "amount": usd("50.00"), "allocations": []}
    desk.done("/erp/payments", paid)


def without_day(statement: Any) -> Any:
    return {name: value for name, value in statement.items() if name not in ("as_of", "to")}


@pytest.mark.case("C10")
def test_a_statement_without_a_day_is_of_today(desk: Desk) -> None:
    trade_dated_tomorrow(desk)
    for name, day in [(each, "as_of") for each in AS_OF_STATEMENTS] + [(each, "to") for each in BETWEEN_STATEMENTS]:
        shown = desk.get(f"/erp/{name}")
        assert shown == desk.get(f"/erp/{name}?{day}={TODAY}"), name
        assert shown[day] == TODAY, name


@pytest.mark.case("C10")
def test_what_is_dated_tomorrow_is_in_the_statements_of_tomorrow_only(desk: Desk) -> None:
    trade_dated_tomorrow(desk)
    moved = [each for each in AS_OF_STATEMENTS if without_day(desk.get(f"/erp/{each}")) != without_day(
        desk.get(f"/erp/{each}?as_of={TOMORROW}"))]  # fmt: skip
    assert moved == ["trial-balance", "balance-sheet", "receivables-aging"]
    assert desk.value("LAMP") == ("6", "30.00")
    assert desk.get("/erp/profit-and-loss")["totals"]["profit"] == usd("16.00")
    assert desk.get(f"/erp/profit-and-loss?to={TOMORROW}")["totals"]["profit"] == usd("9.00")


@pytest.mark.case("C10")
def test_receivables_by_account_and_by_customer_agree_on_the_same_day(desk: Desk) -> None:
    trade_dated_tomorrow(desk)
    for day in ("", f"?as_of={TODAY}", f"?as_of={TOMORROW}"):
        rows = {each["account"]: each for each in desk.get(f"/erp/trial-balance{day}")["rows"]}
        row = rows.get("1200", {"debit": usd("0.00"), "credit": usd("0.00")})
        total = desk.get(f"/erp/receivables-aging{day}")["totals"]["total"]["amount"]
        assert float(row["debit"]["amount"]) - float(row["credit"]["amount"]) == float(total), day


@pytest.mark.case("B24", "C31")
def test_statements_are_in_the_order_in_which_people_read_codes(desk: Desk) -> None:
    desk.stock_up("L10", "L2", "l1", "M")
    desk.bought(*((sku, "9", "1.00") for sku in ("L10", "L2", "l1", "M")))
    for code in ("C10", "C2", "c1"):
        desk.dispatch(desk.order(desk.customer(code=code), ("L2", "1", "5.00")))
    for number, code in (("PO-Y10", "S10"), ("PO-Y2", "S2"), ("po-y1", "s1")):
        order = desk.purchase(desk.supplier(code=code), ("M", "2", "1.00"), number=number)
        desk.receive(order, ("M", "2"))
        billed = [{"sku": "M", "quantity": "1", "unit_price": usd("1.00")}]
        bill = {"supplier_id": order["supplier_id"], "number": "1", "purchase_order_id": order["id"], "lines": billed}
        desk.done("/erp/bills", {**bill, "billed_on": days_ago(0)})
    shown = {
        "stock-value": ("sku", ["l1", "L2", "L10", "M"]),
        "receivables-aging": ("customer_code", ["c1", "C2", "C10"]),
        "payables-aging": ("supplier_code", ["s1", "S2", "S10"]),
        "general-ledger?account=1200&by=party": ("party_code", ["c1", "C2", "C10"]),
        "goods-received-not-invoiced": ("purchase_order", ["PO-1", "po-y1", "PO-Y2", "PO-Y10"]),
    }
    for statement, (column, expected) in shown.items():
        found = [row[column] for row in desk.rows(f"/erp/{statement}")]
        assert list(dict.fromkeys(found)) == expected, statement


@pytest.mark.case("B26")
def test_the_stock_value_is_asked_by_a_code_in_any_case(desk: Desk) -> None:
    desk.stock_up("Lamp1", "Lamp01")
    desk.bought(("Lamp1", "2", "5.00"), ("Lamp01", "1", "7.00"))
    for query in ("sku=LAMP1", "sku=lamp1&warehouse=main", "sku=Lamp1"):
        [row] = desk.rows(f"/erp/stock-value?{query}")
        assert (row["sku"], row["value"]) == ("Lamp1", usd("10.00"))
