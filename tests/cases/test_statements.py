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
