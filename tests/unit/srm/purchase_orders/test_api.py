"""Purchase orders over HTTP."""

from uuid import uuid4

import pytest

from shared.testing.services import recorded_events
from shared.testing.web import field_errors, usd
from tests.unit.srm.caller import SrmCaller, a_supplier, an_order


@pytest.fixture
def srm(tmp_path):
    return SrmCaller(tmp_path)


@pytest.fixture
def supplier(srm):
    return srm.post("/suppliers", a_supplier()).json["id"]


def test_an_order_is_drafted_sent_and_shown_line_by_line(srm, supplier):
    answered = srm.post("/purchase-orders", an_order(
        supplier, number="450", ordered_on="1996-07-01", expected_on="1996-07-08", supplier_reference="Q-12",
    ))  # fmt: skip
    assert answered.status_code == 201
    order = answered.json
    assert order == {
        "id": order["id"],
        "version": 1,
        "number": "450",
        "supplier_id": supplier,
        "status": "draft",
        "reason": None,
        "currency": "USD",
        "ordered_on": "1996-07-01",
        "expected_on": "1996-07-08",
        "revision": 0,
        "over_receipt_percent": None,
        "warehouse": "MAIN",
        "request_id": None,
        "supplier_reference": "Q-12",
        "lines": [
            {"line": 1, "sku": "BOLT-M8", "quantity": "100", "unit_price": usd("0.18"), "net": usd("18.00"),
             "ordered": "100", "cancelled": "0", "received": "0", "billed": "0", "open": "100"},
        ],
        "total": usd("18.00"),
    }  # fmt: skip
    sent = srm.post(f"/purchase-orders/{order['id']}/send", {"effective_on": "1996-07-02"})
    assert (sent.status_code, sent.json["status"], sent.json["ordered_on"]) == (200, "sent", "1996-07-01")
    assert srm.get(f"/purchase-orders/{order['id']}").json.items() >= sent.json.items()
    found = srm.get(f"/purchase-orders?status=sent&supplier_id={supplier}").json["data"]
    assert [each["number"] for each in found] == ["450"]
    assert srm.post(f"/purchase-orders/{order['id']}/send").json["code"] == "wrong_status"


def test_an_order_is_found_by_the_suppliers_reference(srm, supplier):
    for reference in ("Q-12", None):
        srm.post("/purchase-orders", an_order(supplier, supplier_reference=reference))
    found = srm.get("/purchase-orders?supplier_reference=Q-12").json["data"]
    assert [each["supplier_reference"] for each in found] == ["Q-12"]


def test_the_order_date_is_the_business_date_of_sending(srm, supplier):
    order = srm.post("/purchase-orders", an_order(supplier)).json
    assert (order["number"], order["ordered_on"]) == ("PO-1", None)
    sent = srm.post(f"/purchase-orders/{order['id']}/send", {"effective_on": "1998-05-06"}).json
    assert sent["ordered_on"] == "1998-05-06"


def test_no_order_is_sent_to_a_blocked_supplier(srm, supplier):
    order = srm.post("/purchase-orders", an_order(supplier)).json
    srm.post(f"/suppliers/{supplier}/block", {"purposes": ["orders"], "reason": "late again"})
    refused = srm.post(f"/purchase-orders/{order['id']}/send")
    assert (refused.status_code, refused.json["code"]) == (409, "supplier_blocked")
    assert "late again" in refused.json["detail"]


def test_an_order_is_cancelled_with_a_reason(srm, supplier):
    order = srm.post("/purchase-orders", an_order(supplier)).json
    path = f"/purchase-orders/{order['id']}/cancel"
    assert srm.post(path).status_code == 400
    cancelled = srm.post(path, {"reason": "not needed"}).json
    assert (cancelled["status"], cancelled["reason"], cancelled["lines"][0]["open"]) == ("cancelled", "not needed", "0")
    assert srm.post(path, {"reason": "again"}).status_code == 409


def test_an_order_is_revised_and_closed(srm, supplier):
    order = srm.post("/purchase-orders", an_order(supplier, over_receipt_percent="5")).json
    path = f"/purchase-orders/{order['id']}"
    assert srm.post(f"{path}/close").json["code"] == "wrong_status"
    srm.post(f"{path}/send")
    lines = [{"line": 1, "sku": "BOLT-M8", "quantity": "90", "unit_price": usd("0.20")},
             {"sku": "NUT-M8", "quantity": "10", "unit_price": usd("0.77")}]  # fmt: skip
    revised = srm.post(f"{path}/revise", {"lines": lines, "expected_on": "2199-08-01"}).json
    shown = ("revision", "expected_on", "over_receipt_percent", "total", "status")
    assert [revised[name] for name in shown] == [1, "2199-08-01", "5", usd("25.70"), "sent"]
    assert [(each["line"], each["ordered"], each["open"]) for each in revised["lines"]] == [
        (1, "90", "90"),
        (2, "10", "10"),
    ]
    closed = srm.post(f"{path}/close", {"reason": "enough"}).json
    assert (closed["status"], closed["reason"], closed["lines"][0]["open"]) == ("closed", "enough", "0")
    for command in ("revise", "close", "send"):
        assert srm.post(f"{path}/{command}").json["code"] == "wrong_status"


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"lines": []}, "/lines"),
        ({"lines": [{"line": 0, "sku": "BOLT-M8", "quantity": "1", "unit_price": usd("1")}]}, "/lines/0/line"),
        ({"lines": [{"line": 2, "sku": "BOLT-M8", "quantity": "1", "unit_price": usd("1")}]}, "/lines/0/line"),
        ({"lines": [{"sku": "BOLT-M8", "quantity": "1", "unit_price": {"amount": "1", "currency": "EUR"}}]},
         "/lines/0/unit_price/currency"),
        ({"over_receipt_percent": "101"}, "/over_receipt_percent"),
        ({"warehouse": "EAST"}, "/warehouse"),
        ({"revision": 7}, "/revision"),
    ],
)  # fmt: skip
def test_invalid_fields_of_a_revision_are_refused_by_name(srm, supplier, fields, fault):
    order = srm.post("/purchase-orders", an_order(supplier)).json
    before = srm.service.store.head()
    assert list(field_errors(srm.post(f"/purchase-orders/{order['id']}/revise", fields))) == [fault]
    assert srm.service.store.head() == before


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"supplier_id": str(uuid4())}, "/supplier_id"),
        ({"currency": "EUR"}, "/currency"),
        ({"warehouse": None}, "/warehouse"),
        ({"lines": []}, "/lines"),
        ({"lines": [{"sku": "BOLT-M8", "quantity": "999999999999", "unit_price": usd("99999999999.99")}]}, "/lines"),
        ({"lines": [{"sku": "BOLT-M8", "quantity": "0", "unit_price": usd("1")}]}, "/lines/0/quantity"),
        ({"lines": [{"sku": "BOLT-M8", "quantity": "1", "unit_price": {"amount": "1", "currency": "EUR"}}]},
         "/lines/0/unit_price/currency"),
        ({"lines": [{"sku": "BOLT-M8", "quantity": "1", "unit_price": usd("1"), "received": "1"}]},
         "/lines/0/received"),
        ({"request_id": str(uuid4())}, "/request_id"),
    ],
)  # fmt: skip
def test_invalid_fields_are_refused_by_name_and_no_event_is_stored(srm, supplier, fields, fault):
    assert list(field_errors(srm.post("/purchase-orders", an_order(supplier) | fields))) == [fault]
    assert len(recorded_events(srm.service)) == 1


def test_no_order_is_drafted_for_a_deactivated_supplier(srm, supplier):
    srm.post(f"/suppliers/{supplier}/deactivate")
    assert list(field_errors(srm.post("/purchase-orders", an_order(supplier)))) == ["/supplier_id"]
    srm.post(f"/suppliers/{supplier}/reactivate")
    assert srm.post("/purchase-orders", an_order(supplier)).status_code == 201
