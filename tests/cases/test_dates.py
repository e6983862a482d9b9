"""Kind 7: nothing is dated before what it continues or reverses, nor further ahead than the firm allows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.testing.web import usd
from tests.cases.desk import Desk, Row, days_ago, pointers

LONG_AGO = "1999-01-01"
Case = Callable[[Desk], object]


@pytest.fixture
def trade(desk: Desk) -> dict[str, Row]:
    """Ten lamps ordered, received and billed, four sold and invoiced, all of today."""
    desk.stock_up("LAMP")
    supplier, customer = desk.supplier(), desk.customer()
    purchase = desk.purchase(supplier, ("LAMP", "10", "5.00"))
    receipt = desk.receive(purchase, ("LAMP", "10")).json
    order = desk.order(customer, ("LAMP", "6", "9.00"))
    desk.dispatch(order, ("LAMP", "4"))
    [invoice] = desk.rows("/erp/invoices")
    line = {"sku": "LAMP", "quantity": "10", "unit_price": usd("5.00")}
    bill = {"supplier_id": supplier, "number": "R-1", "purchase_order_id": purchase["id"], "billed_on": days_ago(0)}
    return {
        "purchase": purchase, "receipt": receipt, "order": order, "invoice": invoice,
        "bill": desk.done("/erp/bills", {**bill, "lines": [line]}), "customer": {"id": customer},
        "supplier": {"id": supplier},
    }  # fmt: skip


def payment(party: Row, document: Row, day: str, direction: str = "in") -> Row:
    allocations = [{"document_id": document["id"], "amount": document["open"]}]
    return {
        "direction": direction, "party_id": party["id"], "paid_on": day, "amount": document["open"],
        "allocations": allocations,
    }  # fmt: skip


@pytest.mark.case("B16", "H4")
def test_a_receipt_of_a_day_to_come_is_refused(desk: Desk, trade: dict[str, Row]) -> None:
    order = desk.purchase(trade["supplier"]["id"], ("LAMP", "10", "5.00"))
    assert pointers(desk.receive(order, ("LAMP", "10"), received_on="2062-11-28")) == ["/received_on"]
    assert desk.on_hand("LAMP") == "6"


def lines(*entries: tuple[str, str]) -> list[Row]:
    return [{"account": account, side: usd("15.00")} for account, side in entries]


@pytest.mark.case("H4")
@pytest.mark.parametrize("day", ["2099-01-01", days_ago(-2)])
def test_nothing_is_dated_further_ahead_than_a_day(desk: Desk, trade: dict[str, Row], day: str) -> None:
    entry = {"posted_on": day, "text": "Rent", "lines": lines(("6000", "debit"), ("1000", "credit"))}
    assert pointers(desk.post("/erp/journal-entries", entry)) == ["/posted_on"]
    opening = {"posted_on": day, "lines": [{"account": "1000", "amount": usd("1")}]}
    assert pointers(desk.post("/erp/opening-balances", opening)) == ["/posted_on"]
    assert pointers(desk.dispatch(trade["order"], dispatched_on=day)) == ["/dispatched_on"]
    paid = payment(trade["customer"], trade["invoice"], day)
    assert pointers(desk.post("/erp/payments", paid)) == ["/paid_on"]
    draft = {"customer_id": trade["customer"]["id"], "currency": "USD", "ordered_on": day,
             "lines": [{"sku": "LAMP", "quantity": "1", "unit_price": usd("1")}]}  # fmt: skip
    assert pointers(desk.post("/crm/sales-orders", draft)) == ["/ordered_on"]
    assert pointers(desk.post(f"/erp/invoices/{trade['invoice']['id']}/write-off",
                              {"reason": "small", "effective_on": day})) == ["/effective_on"]  # fmt: skip


def test_a_day_ahead_is_taken_and_the_firm_sets_how_many(desk: Desk) -> None:
    entry = {"text": "Rent", "lines": lines(("6000", "debit"), ("1000", "credit"))}
    desk.done("/erp/journal-entries", {**entry, "posted_on": days_ago(-1)})
    [firm] = desk.rows("/erp/entities")
    changed = desk.send("PATCH", "/erp/entities/main", {"days_ahead": 40}, **{"If-Match": f'"{firm["version"]}"'})
    assert (changed.status_code, changed.json["days_ahead"]) == (200, 40), changed.text
    desk.firm.erp.runner.firm._cached = None
    desk.done("/erp/journal-entries", {**entry, "posted_on": days_ago(-40)})
    assert pointers(desk.post("/erp/journal-entries", {**entry, "posted_on": days_ago(-41)})) == ["/posted_on"]


@pytest.mark.case("H4")
def test_nothing_is_dated_before_what_it_continues(desk: Desk, trade: dict[str, Row]) -> None:
    before = days_ago(1)
    assert pointers(desk.dispatch(trade["order"], dispatched_on=LONG_AGO)) == ["/dispatched_on"]
    assert pointers(desk.dispatch(trade["order"], dispatched_on=before)) == ["/dispatched_on"]
    order = desk.purchase(trade["supplier"]["id"], ("LAMP", "1", "5.00"))
    assert pointers(desk.receive(order, ("LAMP", "1"), received_on=before)) == ["/received_on"]
    charged = [{"sku": "LAMP", "quantity": "1", "unit_price": usd("5.00")}]
    bill = {"supplier_id": trade["supplier"]["id"], "number": "R-0", "purchase_order_id": order["id"], "lines": charged}
    assert pointers(desk.post("/erp/bills", {**bill, "billed_on": before})) == ["/billed_on"]
    paid = payment(trade["customer"], trade["invoice"], before)
    assert pointers(desk.post("/erp/payments", paid)) == ["/paid_on"]
    out = payment(trade["supplier"], trade["bill"], before, direction="out")
    assert pointers(desk.post("/erp/payments", out)) == ["/paid_on"]
    written_off = {"reason": "small", "effective_on": before}
    assert pointers(desk.post(f"/erp/invoices/{trade['invoice']['id']}/write-off", written_off)) == ["/effective_on"]
    for path in (f"/crm/sales-orders/{trade['order']['id']}", f"/srm/purchase-orders/{order['id']}"):
        assert pointers(desk.post(f"{path}/cancel", {"reason": "no", "effective_on": before})) == ["/effective_on"]
    assert desk.on_hand("LAMP") == "6"


@pytest.mark.case("H4", "A13")
def test_nothing_is_reversed_before_its_day_and_by_default_on_it(desk: Desk, trade: dict[str, Row]) -> None:
    receipt = f"/scm/goods-receipts/{trade['receipt']['id']}/reverse"
    assert pointers(desk.post(receipt, {"reason": "no", "effective_on": days_ago(1)})) == ["/effective_on"]
    credit = {**payment(trade["customer"], trade["invoice"], "1998-03-01"), "allocations": []}
    paid = desk.done("/erp/payments", credit)
    assert pointers(desk.post(f"/erp/payments/{paid['id']}/reverse", {"effective_on": "1990-01-01"})) == [
        "/effective_on"
    ]
    assert desk.done(f"/erp/payments/{paid['id']}/reverse")["reversed_on"] == "1998-03-01"
    entry = {"posted_on": "1998-03-02", "text": "Rent", "lines": lines(("6000", "debit"), ("1000", "credit"))}
    posted = desk.done("/erp/journal-entries", entry)["id"]
    early = {"reason": "mistyped", "effective_on": "1998-03-01"}
    assert pointers(desk.post(f"/erp/journal-entries/{posted}/reverse", early)) == ["/effective_on"]
    assert desk.done(f"/erp/journal-entries/{posted}/reverse", {"reason": "mistyped"})["posted_on"] == "1998-03-02"
    bank = {row["account"]: row for row in desk.rows("/erp/trial-balance?as_of=1998-03-02")}["1000"]
    assert (bank["debit"]["amount"], bank["credit"]["amount"]) == ("0.00", "0.00")


@pytest.mark.case("H4")
def test_an_order_is_not_released_before_it_was_held(desk: Desk) -> None:
    desk.stock_up("LAMP")
    customer = desk.customer(credit_limit=usd("1.00"))
    order = desk.order(customer, ("LAMP", "1", "9.00"))
    release, why = f"/erp/credit/{customer}/release/{order['id']}", {"reason": "paid by cheque"}
    for early in (LONG_AGO, days_ago(1)):
        assert pointers(desk.post(release, {**why, "effective_on": early})) == ["/effective_on"]
    assert desk.sales_order(order)["status"] == "held"
    desk.done(release, {**why, "effective_on": days_ago(0)})
    assert desk.sales_order(order)["status"] == "backordered"


@pytest.mark.case("H4")
def test_a_month_is_neither_closed_nor_reopened_before_its_end(desk: Desk) -> None:
    month = "/erp/periods/2026-01"
    assert desk.get(month)["status"] == "open"
    for early in (LONG_AGO, "2026-01-30"):
        assert pointers(desk.post(f"{month}/close", {"effective_on": early})) == ["/effective_on"]
    desk.done(f"{month}/close")
    for early in (LONG_AGO, "2026-01-30"):
        assert pointers(desk.post(f"{month}/reopen", {"reason": "no", "effective_on": early})) == ["/effective_on"]
    assert desk.get(month)["status"] == "closed"


LATE_GOODS: dict[str, Callable[[Desk, str], Any]] = {
    "a receipt": lambda desk, day: desk.receive(
        desk.purchase(desk.supplier(), ("LAMP", "3", "5.00"), ordered_on=day), ("LAMP", "3"), received_on=day
    ),
    "a count": lambda desk, day: desk.post(
        "/scm/stock-counts", {"warehouse": "MAIN", "counted_on": day, "lines": [{"sku": "LAMP", "quantity": "3"}]}
    ),
    "opening stock": lambda desk, day: desk.post(
        "/scm/opening-stock",
        {"warehouse": "MAIN", "opened_on": day, "lines": [{"sku": "LAMP", "quantity": "3", "value": usd("15.00")}]},
    ),
}


@pytest.mark.case("H4")
@pytest.mark.parametrize("enter", LATE_GOODS.values(), ids=LATE_GOODS)
def test_goods_that_were_there_before_an_order_that_waits_for_them_are_entered_late(
    desk: Desk, enter: Callable[[Desk, str], Any]
) -> None:
    desk.stock_up("LAMP")
    order = desk.order(desk.customer(), ("LAMP", "2", "9.00"), ordered_on=days_ago(5))
    assert desk.sales_order(order)["status"] == "backordered"
    entered = enter(desk, days_ago(9))
    assert entered.status_code == 201, entered.text
    assert desk.sales_order(order)["status"] == "reserved"
    assert pointers(desk.dispatch(order, dispatched_on=days_ago(6))) == ["/dispatched_on"]


@pytest.mark.case("C32", "A13")
def test_a_reversal_in_closed_months_is_dated_today(desk: Desk, trade: dict[str, Row]) -> None:
    old = {**payment(trade["customer"], trade["invoice"], "1998-03-01"), "allocations": []}
    paid = desk.done("/erp/payments", old)
    desk.done("/erp/periods/1998-03/close")
    assert desk.done(f"/erp/payments/{paid['id']}/reverse")["reversed_on"] == days_ago(0)


@pytest.mark.case("C32", "H4")
def test_a_change_without_a_date_is_not_dated_before_its_documents(desk: Desk, trade: dict[str, Row]) -> None:
    """What is dated tomorrow, as where tomorrow has begun, changes no figure of today."""
    tomorrow, invoice = days_ago(-1), trade["invoice"]

    def figures_of_today() -> list[Any]:
        statements = ("trial-balance", "receivables-aging", "payables-aging")
        return [desk.rows(f"/erp/{each}?as_of={days_ago(0)}") for each in statements]

    before = figures_of_today()
    line = {"sku": "LAMP", "quantity": "1", "unit_price": usd("4.00")}
    order = desk.purchase(trade["supplier"]["id"], ("LAMP", "1", "4.00"))
    desk.receive(order, ("LAMP", "1"))
    received = figures_of_today()
    bill = {"supplier_id": trade["supplier"]["id"], "number": "R-2", "purchase_order_id": order["id"]}
    owed = f"/erp/bills/{desk.done('/erp/bills', {**bill, 'billed_on': tomorrow, 'lines': [line]})['id']}"
    assert desk.done(f"{owed}/write-off", {"reason": "small"})["status"] == "paid"
    assert figures_of_today() == received
    assert desk.done(f"{owed}/reverse-write-off", {"reason": "not small"})["status"] == "matched"
    assert figures_of_today() == received != before
    credit = {**payment(trade["customer"], invoice, tomorrow), "allocations": []}
    paid = f"/erp/payments/{desk.done('/erp/payments', credit)['id']}"
    part = {"allocations": [{"document_id": invoice["id"], "amount": usd("1.00")}]}
    assert desk.done(f"{paid}/allocate", part)["unallocated"] == usd("35.00")
    assert desk.done(f"{paid}/deallocate", {"document_id": invoice["id"]})["unallocated"] == usd("36.00")
    assert figures_of_today() == received


@pytest.mark.case("C32")
def test_credit_is_allocated_to_an_invoice_of_tomorrow(desk: Desk) -> None:
    desk.stock_up("LAMP")
    [main] = desk.rows("/scm/warehouses")
    zone = {"time_zone": "Pacific/Kiritimati"}
    assert desk.send("PATCH", f"/scm/warehouses/{main['id']}", zone, **{"If-Match": '"1"'}).status_code == 200
    desk.bought(("LAMP", "1", "5.00"))
    customer = desk.customer()
    order = desk.order(customer, ("LAMP", "1", "9.00"))
    desk.dispatch(order)
    [invoice] = desk.rows("/erp/invoices")
    credit = {"direction": "in", "party_id": customer, "paid_on": days_ago(0), "amount": usd("9.00"), "allocations": []}
    paid = desk.done("/erp/payments", credit)
    part = {"allocations": [{"document_id": invoice["id"], "amount": usd("9.00")}]}
    assert desk.done(f"/erp/payments/{paid['id']}/allocate", part)["unallocated"] == usd("0.00")
    assert desk.sales_order(order)["status"] == "paid"


def test_a_payment_is_not_reversed_before_its_last_allocation(desk: Desk, trade: dict[str, Row]) -> None:
    invoice = trade["invoice"]
    paid = desk.done("/erp/payments", {**payment(trade["customer"], invoice, "1998-03-01"), "allocations": []})
    part = {"allocations": [{"document_id": invoice["id"], "amount": usd("1.00")}]}
    early = {**part, "effective_on": "1998-04-01"}
    assert pointers(desk.post(f"/erp/payments/{paid['id']}/allocate", early)) == ["/effective_on"]
    desk.done(f"/erp/payments/{paid['id']}/allocate", part)
    before = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    assert pointers(desk.post(f"/erp/payments/{paid['id']}/reverse", {"effective_on": before})) == ["/effective_on"]
    assert desk.done(f"/erp/payments/{paid['id']}/reverse")["reversed_on"] == days_ago(0)


def test_documents_of_the_past_are_entered_in_their_order(desk: Desk, trade: dict[str, Row]) -> None:
    bought = desk.purchase(trade["supplier"]["id"], ("LAMP", "5", "5.00"), ordered_on="2026-01-05")
    assert desk.receive(bought, ("LAMP", "5"), received_on="2026-01-07").status_code == 201
    sold = desk.order(trade["customer"]["id"], ("LAMP", "2", "9.00"), ordered_on="2026-01-08")
    gone = desk.dispatch(sold, dispatched_on="2026-01-09")
    assert (gone.status_code, gone.json["dispatched_on"]) == (200, "2026-01-09")
    [invoice] = desk.rows(f"/erp/invoices?sales_order_id={sold['id']}")
    desk.done("/erp/payments", payment(trade["customer"], invoice, "2026-01-09"))
    assert desk.sales_order(sold)["status"] == "paid"


@pytest.mark.case("B16")
@pytest.mark.parametrize("ahead", [1, 400])
def test_goods_that_have_not_moved_yet_are_not_there(desk: Desk, trade: dict[str, Row], ahead: int) -> None:
    """However many days ahead a firm dates its documents, goods move today or before."""
    [firm] = desk.rows("/erp/entities")
    desk.send("PATCH", "/erp/entities/main", {"days_ahead": 500}, **{"If-Match": f'"{firm["version"]}"'})
    tomorrow, before = days_ago(-ahead), desk.on_hand("LAMP")
    order = desk.purchase(trade["supplier"]["id"], ("LAMP", "10", "5.00"))
    assert pointers(desk.receive(order, ("LAMP", "10"), received_on=tomorrow)) == ["/received_on"]
    assert pointers(desk.dispatch(trade["order"], dispatched_on=tomorrow)) == ["/dispatched_on"]
    counted = {"warehouse": "MAIN", "counted_on": tomorrow, "lines": [{"sku": "LAMP", "quantity": "9"}]}
    assert pointers(desk.post("/scm/stock-counts", counted)) == ["/counted_on"]
    line = {"sku": "LAMP", "quantity": "9", "value": usd("9.00")}
    opened = {"warehouse": "MAIN", "opened_on": tomorrow, "lines": [line]}
    assert pointers(desk.post("/scm/opening-stock", opened)) == ["/opened_on"]
    assert desk.on_hand("LAMP") == before
