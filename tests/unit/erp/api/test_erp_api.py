"""ERP over HTTP, field by field."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.erp.service import Erp
from shared.testing.services import deliver
from shared.testing.web import Client, usd
from tests.unit.erp.api.caller import create_erp_client
from tests.unit.erp.examples import CUSTOMER, a_shipment, an_erp, an_order, receive_stock


def sold(folder: Path) -> Erp:
    """Ten bought for 12.00, four sold for 20.00 less 15 % with 5.00 freight."""
    service = an_erp(folder, limit="1000.00")
    receive_stock(service, ("CHAI", "10", "12.00"))
    order = an_order(("CHAI", "4", "20.00"), freight="5.00", discount=15)
    deliver(service, order, a_shipment(order))
    return service


def an_invoice(client: Client) -> dict[str, Any]:
    (invoice,) = client.get("/invoices").json["data"]
    found: dict[str, Any] = invoice
    return found


def a_payment(invoice: dict[str, Any], paid: str = "73.00", **other: Any) -> dict[str, Any]:
    return {
        "direction": "in",
        "party_id": str(CUSTOMER),
        "paid_on": "2026-03-09",
        "amount": usd(paid),
        "allocations": [{"document_id": invoice["id"], "amount": usd(paid)}],
        **other,
    }


def test_an_invoice_shows_what_is_owed_and_for_what(tmp_path: Path):
    invoice = an_invoice(create_erp_client(sold(tmp_path)))
    ids = {invoice.pop(name) for name in ("id", "sales_order_id", "shipment_id")}
    assert len(ids) == 3
    assert invoice.pop("created_at") == invoice.pop("updated_at")
    assert invoice == {
        "version": 1, "number": 1, "series": "invoices", "status": "open", "customer_id": str(CUSTOMER),
        "invoiced_on": "2026-03-05", "due_on": "2026-04-04",
        "lines": [{
            "line": 1, "sku": "CHAI", "quantity": "4", "unit_price": usd("20.00"), "discount_percent": "15",
            "net": usd("68.00"),
        }],
        "net": usd("68.00"), "freight": usd("5.00"), "tax": usd("0.00"), "total": usd("73.00"), "open": usd("73.00"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"), [("status=open", 1), ("status=paid,part_paid", 0), (f"customer_id={CUSTOMER}", 1)]
)
def test_invoices_are_filtered(tmp_path: Path, query: str, found: int):
    assert len(create_erp_client(sold(tmp_path)).get(f"/invoices?{query}").json["data"]) == found


def test_a_payment_is_recorded_and_settles_the_invoice(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    answered = client.post("/payments", json=a_payment(an_invoice(client), "30.00"))
    assert answered.status_code == 201
    assert answered.headers["Location"] == f"/api/v1/erp/payments/{answered.json['id']}"
    assert answered.json["status"] == "posted"
    client = create_erp_client(service)
    assert (an_invoice(client)["open"], an_invoice(client)["status"]) == (usd("43.00"), "part_paid")
    listed = client.get("/payments").json["data"]
    assert [(each["amount"], each["paid_on"], each["party_id"]) for each in listed] == [
        (usd("30.00"), "2026-03-09", str(CUSTOMER)),
    ]


def test_a_payment_is_taken_back(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    payment = client.post("/payments", json=a_payment(an_invoice(client))).json
    answered = client.post(
        f"/payments/{payment['id']}/reverse", json={"reason": "mistyped", "effective_on": "2026-03-10"}
    )
    assert (answered.status_code, answered.json["status"], answered.json["reversed_on"]) == (
        200,
        "reversed",
        "2026-03-10",
    )
    assert an_invoice(create_erp_client(service))["open"] == usd("73.00")
    again = client.post(f"/payments/{payment['id']}/reverse", json={})
    assert (again.status_code, again.json["code"]) == (409, "wrong_status")


@pytest.mark.parametrize(
    ("wrong", "status", "pointer"),
    [
        ({"direction": "out"}, 422, "/allocations/0/document_id"),
        ({"direction": "sideways"}, 422, "/direction"),
        ({"amount": usd("10.00")}, 422, "/allocations"),
        ({"amount": usd("0.00")}, 422, "/amount/amount"),
        ({"amount": usd("-5.00")}, 422, "/amount/amount"),
        ({"amount": {"amount": "73.00", "currency": "EUR"}}, 422, "/allocations/0/amount"),
        ({"paid_on": "2026-02-30"}, 422, "/paid_on"),
        ({"posted": True}, 422, "/posted"),
    ],
)
def test_a_payment_that_cannot_be_meant_is_refused_naming_the_field(
    tmp_path: Path, wrong: dict[str, Any], status: int, pointer: str
):
    client = create_erp_client(sold(tmp_path))
    answered = client.post("/payments", json=a_payment(an_invoice(client), **wrong))
    assert (answered.status_code, [each["pointer"] for each in answered.json["errors"]]) == (status, [pointer])
    assert client.get("/payments").json["data"] == []


def test_a_payment_cannot_exceed_the_open_amount(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    answered = client.post("/payments", json=a_payment(an_invoice(client), "73.01"))
    assert (answered.status_code, answered.json["code"]) == (409, "exceeds_open_amount")
    assert [each["pointer"] for each in answered.json["errors"]] == ["/allocations/0/amount"]


def test_what_is_paid_too_much_is_shown_as_credit_and_allocated_later(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    paid = a_payment(an_invoice(client), "70.00", amount=usd("80.00"))
    payment = client.post("/payments", json=paid).json
    assert payment["unallocated"] == usd("10.00")
    client = create_erp_client(service)
    (row,) = client.get("/receivables-aging?as_of=2026-03-09").json["rows"]
    assert (row["current"], row["credit"], row["total"]) == (usd("3.00"), usd("-10.00"), usd("-7.00"))
    later = {"allocations": [{"document_id": an_invoice(client)["id"], "amount": usd("3.00")}]}
    answered = client.post(f"/payments/{payment['id']}/allocate", json=later)
    assert (answered.status_code, answered.json["unallocated"]) == (200, usd("7.00"))
    assert an_invoice(create_erp_client(service))["status"] == "paid"


def test_a_small_rest_is_written_off(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    invoice = an_invoice(client)
    too_much = client.post(f"/invoices/{invoice['id']}/write-off", json={"reason": "generous"})
    assert (too_much.status_code, too_much.json["code"]) == (409, "write_off_too_large")
    client.post("/payments", json=a_payment(invoice, "70.00"))
    answered = client.post(f"/invoices/{invoice['id']}/write-off", json={"reason": "bank charges"})
    assert (answered.status_code, answered.json["status"], answered.json["open"]) == (200, "paid", usd("0.00"))


def test_an_unknown_invoice_is_named(tmp_path: Path):
    answered = create_erp_client(sold(tmp_path)).post("/payments", json=a_payment({"id": str(uuid4())}))
    assert answered.status_code == 422
    assert [each["pointer"] for each in answered.json["errors"]] == ["/allocations/0/document_id"]


def test_the_chart_of_accounts_is_there_from_the_start(tmp_path: Path):
    chart = create_erp_client(an_erp(tmp_path)).get("/accounts").json["data"]
    assert [(each["code"], each["name"]) for each in chart] == [
        ("1000", "Bank"), ("1200", "Receivables"), ("1400", "Stock"), ("2000", "Payables"),
        ("2100", "Goods received not invoiced"), ("3000", "Opening balances"), ("4000", "Sales"),
        ("4100", "Freight income"), ("5000", "Cost of goods sold"), ("5100", "Purchase price variance"),
        ("5200", "Stock adjustments"), ("6000", "Operating expense"),
    ]  # fmt: skip


def test_the_journal_is_filtered_by_account_and_days(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    (line,) = client.get("/journal?account=1200&from=2026-03-05&to=2026-03-05").json["data"]
    assert {name: line[name] for name in ("account", "party", "debit", "credit", "date")} == {
        "account": "1200", "party": str(CUSTOMER), "debit": usd("73.00"), "credit": usd("0.00"), "date": "2026-03-05",
    }  # fmt: skip
    assert line["source"]["service"] == "scm"
    assert client.get("/journal?account=1200&from=2026-03-06").json["data"] == []
    entry = client.get(f"/journal?entry={line['entry']}").json["data"]
    assert [each["account"] for each in entry] == ["1200", "4000", "4100"]


def test_the_journal_comes_in_pages(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    everything = client.get("/journal").json["data"]
    first = client.get("/journal?limit=3&from=2026-03-01").json
    rest = client.get(f"/journal?limit=200&from=2026-03-01&cursor={first['next_cursor']}").json
    assert first["data"] + rest["data"] == everything
    assert (len(first["data"]), len(everything), rest["has_more"]) == (3, 7, False)


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/journal?from=yesterday", "/from"),
        ("/journal?colour=red", "/colour"),
        ("/journal?limit=1000", "/limit"),
        ("/trial-balance?as_of=1998-02-30", "/as_of"),
        ("/stock-value?currency=usd", "/currency"),
        ("/receivables-aging?known_by=me", "/known_by"),
    ],
)
def test_a_question_that_cannot_be_meant_is_refused_naming_the_parameter(tmp_path: Path, path: str, pointer: str):
    answered = create_erp_client(an_erp(tmp_path)).get(path)
    assert (answered.status_code, [each["pointer"] for each in answered.json["errors"]]) == (422, [pointer])


def test_the_trial_balance_adds_up(tmp_path: Path):
    answered = create_erp_client(sold(tmp_path)).get("/trial-balance?as_of=2026-03-31").json
    rows = {row["account"]: (row["name"], row["debit"], row["credit"]) for row in answered["rows"]}
    assert rows["1400"] == ("Stock", usd("72.00"), usd("0.00"))
    assert rows["4000"] == ("Sales", usd("0.00"), usd("68.00"))
    assert answered["totals"] == {"debit": usd("193.00"), "credit": usd("193.00")}
    assert answered["as_of"] == "2026-03-31"


def test_stock_value_is_shown_per_item_and_warehouse(tmp_path: Path):
    answered = create_erp_client(sold(tmp_path)).get("/stock-value?as_of=2026-03-31").json
    assert answered["rows"] == [
        {
            "sku": "CHAI", "warehouse": "MAIN", "quantity": "6",
            "unit_cost": {"amount": "12.0000", "currency": "USD"}, "value": usd("72.00"),
        },
    ]  # fmt: skip
    assert answered["totals"] == {"value": usd("72.00")}


def test_receivables_are_shown_by_customer_and_delay(tmp_path: Path):
    answered = create_erp_client(sold(tmp_path)).get("/receivables-aging?as_of=2026-04-10").json
    assert answered["rows"] == [
        {
            "customer_id": str(CUSTOMER), "current": usd("0.00"), "days_1_30": usd("73.00"), "days_31_60": usd("0.00"),
            "days_61_90": usd("0.00"), "days_over_90": usd("0.00"), "credit": usd("0.00"), "total": usd("73.00"),
        },
    ]  # fmt: skip


def test_receivables_of_today_are_the_default(tmp_path: Path):
    answered = create_erp_client(sold(tmp_path)).get("/receivables-aging").json
    assert answered["totals"]["total"] == usd("73.00")


def test_credit_shows_limit_exposure_and_what_is_held(tmp_path: Path):
    service = sold(tmp_path)
    order = an_order(("CHAI", "50", "20.00"))
    deliver(service, order)
    shown = create_erp_client(service).get(f"/credit/{CUSTOMER}").json
    assert {name: shown[name] for name in ("limit", "exposure", "available", "status", "held")} == {
        "limit": usd("1000.00"), "exposure": usd("73.00"), "available": usd("927.00"), "status": "held",
        "held": [{"sales_order_id": str(order.order_id), "total": usd("1000.00")}],
    }  # fmt: skip


def test_a_held_order_is_released_with_a_reason(tmp_path: Path):
    service = sold(tmp_path)
    order = an_order(("CHAI", "50", "20.00"))
    deliver(service, order)
    client, path = create_erp_client(service), f"/credit/{CUSTOMER}/release/{order.order_id}"
    assert client.post(path, json={}).status_code == 422
    answered = client.post(path, json={"reason": "an old friend"})
    assert (answered.status_code, answered.json["exposure"], answered.json["status"]) == (
        200,
        usd("1073.00"),
        "over_limit",
    )
    again = client.post(path, json={"reason": "an old friend"})
    assert (again.status_code, again.json["code"]) == (409, "not_held")


def test_a_customer_without_limit_has_no_end_of_credit(tmp_path: Path):
    shown = create_erp_client(an_erp(tmp_path)).get(f"/credit/{CUSTOMER}").json
    assert (shown["limit"], shown["available"], shown["exposure"], shown["status"]) == (None, None, usd("0.00"), "ok")


def test_credit_of_a_stranger_is_not_found(tmp_path: Path):
    assert create_erp_client(an_erp(tmp_path)).get(f"/credit/{uuid4()}").status_code == 404


def test_nothing_posted_can_be_changed(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    invoice = an_invoice(client)
    for method in ("put", "patch", "delete"):
        assert getattr(client, method)(f"/invoices/{invoice['id']}", json={}).status_code == 405
        assert getattr(client, method)("/journal", json={}).status_code == 405
