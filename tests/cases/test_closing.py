"""A period is closed once its checks hold, or two people give a reason."""

from typing import Any

import pytest

from shared.testing.services import catch_up
from shared.testing.web import ApiCaller, usd
from tests.cases.desk import Desk, Row, days_ago

LONG_AGO, CLOSED, LAST_DAY = "2026-03-10", "2026-03", "2026-03-31"
CLOSE = f"/erp/periods/{CLOSED}/close"


@pytest.fixture
def bert(desk: Desk) -> ApiCaller:
    """Another accountant."""
    return ApiCaller(desk.firm.services["erp"], actor="bert")


def close(desk: Desk, body: Row | None = None) -> Any:
    catch_up(desk.firm.services["erp"])
    return desk.post(CLOSE, body)


def accepted(desk: Desk, body: Row | None = None) -> Row:
    answered = close(desk, body)
    assert answered.status_code == 200, answered.text
    closed: Row = answered.json
    return closed


def failed(rows: list[Row]) -> list[str]:
    return [each["check"] for each in rows if not each["ok"]]


def row_of(desk: Desk, check: str) -> Row:
    [row] = [each for each in desk.rows(f"/erp/periods/{CLOSED}/checks") if each["check"] == check]
    return row


def buy(desk: Desk, billed: str) -> Row:
    """Receive ten lamps of 5.00 and record the invoice of its supplier at another price: it is blocked."""
    supplier = desk.supplier()
    desk.stock_up("LAMP")
    order = desk.purchase(supplier, ("LAMP", "10", "5.00"), ordered_on=LONG_AGO)
    assert desk.receive(order, ("LAMP", "10"), received_on=LONG_AGO).status_code == 201
    line = {"sku": "LAMP", "quantity": "10", "unit_price": usd(billed)}
    bill = {"supplier_id": supplier, "number": "R-17", "purchase_order_id": order["id"], "billed_on": LONG_AGO}
    return desk.done("/erp/bills", {**bill, "lines": [line]})


@pytest.mark.case("A14")
def test_a_period_with_a_blocked_supplier_invoice_is_not_closed_and_its_check_names_it(desk: Desk) -> None:
    assert buy(desk, billed="7.00")["status"] == "blocked"
    refused = close(desk)
    assert (refused.status_code, refused.json["code"]) == (409, "checks_failed")
    assert "1 supplier invoices of 70.00 USD are blocked" in refused.json["detail"]
    assert "override_reason" in refused.json["detail"]
    shown = row_of(desk, "blocked_supplier_invoices")
    assert (shown["ok"], shown["rows"], shown["figure"]) == (False, ["R-17"], usd("70.00"))
    assert desk.get(f"/erp/periods/{CLOSED}")["status"] == "open"


@pytest.mark.case("A14")
def test_two_people_close_a_period_in_spite_of_its_checks(desk: Desk, bert: ApiCaller) -> None:
    buy(desk, billed="7.00")
    requested = accepted(desk, {"override_reason": "the supplier corrects it in April"})
    assert (requested["status"], requested["closing"]["requested_by"]) == ("open", "margaret")
    assert requested["closing"]["failed_checks"] == ["1 supplier invoices of 70.00 USD are blocked and not posted"]
    again = close(desk, {"override_reason": "really"})
    assert (again.status_code, again.json["code"]) == (403, "four_eyes_required")
    catch_up(desk.firm.services["erp"])
    path = CLOSE.removeprefix("/erp")
    confirmed = bert.client.post(path, json={"override_reason": "agreed"})
    assert (confirmed.status_code, confirmed.json["status"], confirmed.json["closing"]) == (200, "closed", None)


@pytest.mark.case("A14")
def test_no_one_confirms_what_the_other_person_has_not_seen(desk: Desk, bert: ApiCaller) -> None:
    bill = buy(desk, billed="7.00")
    accepted(desk, {"override_reason": "the supplier corrects it"})
    line = {"sku": "LAMP", "quantity": "1", "unit_price": usd("9.00")}
    order = {"supplier_id": bill["supplier_id"], "purchase_order_id": bill["purchase_order_id"]}
    desk.done("/erp/bills", {**order, "number": "R-18", "billed_on": LONG_AGO, "lines": [line]})
    catch_up(desk.firm.services["erp"])
    other = bert.client.post(CLOSE.removeprefix("/erp"), json={"override_reason": "agreed"})
    assert (other.json["status"], other.json["closing"]["requested_by"]) == ("open", "bert")
    assert accepted(desk, {"override_reason": "both"})["status"] == "closed"


@pytest.mark.case("A14")
def test_a_closed_period_is_refused_as_closed_whatever_its_checks_show(desk: Desk) -> None:
    accepted(desk)
    buy(desk, billed="7.00")
    assert close(desk).json["code"] == "wrong_status"


@pytest.mark.case("A14")
def test_a_period_whose_checks_hold_by_now_is_closed_at_once(desk: Desk, bert: ApiCaller) -> None:
    buy(desk, billed="7.00")
    accepted(desk, {"override_reason": "the supplier corrects it"})
    released = desk.rows("/erp/bills")[0]["id"]
    assert bert.client.post(f"/bills/{released}/release", json={"reason": "agreed"}).status_code == 200
    catch_up(desk.firm.services["erp"])
    closed = bert.client.post(CLOSE.removeprefix("/erp"), json={"override_reason": "agreed"})
    assert (closed.json["status"], failed(closed.json["checks"])) == ("closed", [])


@pytest.mark.case("A14")
def test_credit_that_settles_no_invoice_is_shown_and_refuses_nothing(desk: Desk) -> None:
    customer = desk.customer()
    paid = {"direction": "in", "party_id": customer, "paid_on": LONG_AGO, "amount": usd("40.00"), "allocations": []}
    desk.done("/erp/payments", paid)
    closed = accepted(desk)
    [credit] = [each for each in closed["checks"] if each["check"] == "unallocated_credit"]
    assert (closed["status"], credit["ok"], credit["figure"], credit["rows"]) == (
        "closed", True, usd("40.00"), [customer],
    )  # fmt: skip


@pytest.mark.case("A14")
def test_the_accounts_are_what_they_consist_of_on_the_last_day_whatever_came_later(desk: Desk) -> None:
    buy(desk, billed="5.00")
    entry = {"posted_on": days_ago(1), "text": "Later", "lines": [
        {"account": "6000", "debit": usd("3.00")}, {"account": "1000", "credit": usd("3.00")},
    ]}  # fmt: skip
    desk.done("/erp/journal-entries", entry)
    checks: dict[str, Any] = {each["check"]: each for each in desk.rows(f"/erp/periods/{CLOSED}/checks")}
    for name, amount in (("stock", "50.00"), ("payables", "50.00"), ("goods_received_not_invoiced", "0.00")):
        assert (checks[name]["figure"], checks[name]["expected"]) == (usd(amount), usd(amount))
    assert failed(list(checks.values())) == []


def test_a_period_that_is_not_over_or_is_closed_is_refused_for_that(desk: Desk) -> None:
    accepted(desk)
    assert close(desk).json["code"] == "wrong_status"
    assert desk.post("/erp/periods/2150-01/close").json["code"] == "period_not_over"
    assert desk.post("/erp/periods/2150-13/close").status_code == 404
