"""Sales orders over HTTP."""

from uuid import uuid4

import pytest

from shared.testing.services import recorded_events
from shared.testing.web import field_errors, usd
from tests.unit.crm.caller import CrmCaller, a_customer, an_order

SHIP_TO = {"name": "Vins et alcools", "street": "59 rue de l'Abbaye", "city": "Reims", "country": "FR"}


@pytest.fixture
def crm(tmp_path):
    return CrmCaller(tmp_path)


@pytest.fixture
def customer(crm):
    return crm.post("/customers", a_customer()).json["id"]


def test_an_order_is_drafted_placed_and_shown_line_by_line(crm, customer):
    answered = crm.post("/sales-orders", an_order(
        customer, number="10248", ordered_on="1996-07-04", required_on="1996-08-01", warehouse="MAIN",
        backorder="refuse", sales_rep="5", ship_to=SHIP_TO, freight=usd("3.00"),
    ))  # fmt: skip
    assert answered.status_code == 201
    order = answered.json
    assert order["lines"] == [
        {"line": 1, "sku": "BOLT-M8", "quantity": "10", "unit_price": usd("0.25"), "discount_percent": "0",
         "net": usd("2.50"), "ordered": "10", "cancelled": "0", "reserved": "0", "shipped": "0", "invoiced": "0"},
        {"line": 2, "sku": "NUT-M8", "quantity": "4", "unit_price": usd("1.10"), "discount_percent": "12.5",
         "net": usd("3.85"), "ordered": "4", "cancelled": "0", "reserved": "0", "shipped": "0", "invoiced": "0"},
    ]  # fmt: skip
    shown = {
        "id": order["id"],
        "version": 1,
        "number": "10248",
        "customer_id": customer,
        "status": "draft",
        "reason": None,
        "currency": "USD",
        "ordered_on": "1996-07-04",
        "required_on": "1996-08-01",
        "warehouse": "MAIN",
        "backorder": "refuse",
        "sales_rep": "5",
        "ship_to": {**SHIP_TO, "region": None, "postal_code": None},
        "net": usd("6.35"),
        "freight": usd("3.00"),
        "total": usd("9.35"),
        "revision": 1,
        "amendment": None,
    }
    assert order.items() >= shown.items()
    placed = crm.post(f"/sales-orders/{order['id']}/place")
    assert (placed.status_code, placed.json["status"], placed.headers["ETag"]) == (200, "placed", '"2"')
    assert crm.get(f"/sales-orders/{order['id']}").json.items() >= placed.json.items()
    found = crm.get(f"/sales-orders?status=placed,held&customer_id={customer}&total[gte]=9.35&sort=-ordered_on").json
    assert [each["number"] for each in found["data"]] == ["10248"]


def test_omitted_fields_have_defaults(crm, customer):
    order = crm.post("/sales-orders", an_order(customer)).json
    usual = {"number": "SO-1", "backorder": "allow", "freight": usd("0.00"), "ordered_on": None, "ship_to": None}
    assert order.items() >= usual.items()


def test_null_counts_as_omitted(crm, customer):
    bolts = {"sku": "BOLT-M8", "quantity": "10", "unit_price": usd("0.25"), "discount_percent": None}
    omitted = dict.fromkeys(("number", "ordered_on", "required_on", "warehouse", "sales_rep", "ship_to", "freight"))
    order = crm.post("/sales-orders", an_order(customer, lines=[bolts], **omitted))
    assert (order.status_code, order.json["lines"][0]["discount_percent"]) == (201, "0")
    assert crm.post(f"/sales-orders/{order.json['id']}/place", {"effective_on": None}).json["status"] == "placed"


def test_the_order_date_is_the_business_date_of_placing(crm, customer):
    order = crm.post("/sales-orders", an_order(customer)).json
    placed = crm.post(f"/sales-orders/{order['id']}/place", {"effective_on": "1996-07-04"}).json
    assert placed["ordered_on"] == "1996-07-04"
    effective = [each.state for each in crm.service.store.log(0, 9)][-1]
    assert b'"effective_on":"1996-07-04"' in effective


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"customer_id": str(uuid4())}, "/customer_id"),
        ({"customer_id": "{" + str(uuid4()) + "}"}, "/customer_id"),
        ({"currency": "EUR"}, "/currency"),
        ({"currency": "XXX"}, "/currency"),
        ({"freight": {"amount": "3", "currency": "EUR"}}, "/freight/currency"),
        ({"freight": usd("-1")}, "/freight/amount"),
        ({"ordered_on": "2026-02-30"}, "/ordered_on"),
        ({"backorder": "maybe"}, "/backorder"),
        ({"lines": []}, "/lines"),
        ({"lines": [{"sku": "BOLT-M8", "quantity": "999999999999", "unit_price": usd("99999999999.99")}]}, "/lines"),
        ({"status": "paid"}, "/status"),
        ({"total": usd("1")}, "/total"),
    ],
)
def test_invalid_fields_are_refused_by_name_and_no_event_is_stored(crm, customer, fields, fault):
    assert list(field_errors(crm.post("/sales-orders", an_order(customer) | fields))) == [fault]
    assert len(recorded_events(crm.service)) == 1


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"quantity": "0"}, "/lines/0/quantity"),
        ({"quantity": "-1"}, "/lines/0/quantity"),
        ({"quantity": 10}, "/lines/0/quantity"),
        ({"quantity": "1e3"}, "/lines/0/quantity"),
        ({"quantity": "1000000000000000000000000000000"}, "/lines/0/quantity"),
        ({"unit_price": {"amount": "1.123456789", "currency": "USD"}}, "/lines/0/unit_price/amount"),
        ({"unit_price": {"amount": "1", "currency": "EUR"}}, "/lines/0/unit_price/currency"),
        ({"discount_percent": "100.1"}, "/lines/0/discount_percent"),
        ({"sku": ""}, "/lines/0/sku"),
    ],
)
def test_invalid_fields_of_a_line_are_refused_by_name(crm, customer, fields, fault):
    line = {"sku": "BOLT-M8", "quantity": "10", "unit_price": usd("0.25")} | fields
    assert list(field_errors(crm.post("/sales-orders", an_order(customer, lines=[line])))) == [fault]


def test_an_order_has_at_most_a_thousand_lines(crm, customer):
    line = an_order(customer)["lines"][0]
    assert crm.post("/sales-orders", an_order(customer, lines=[line] * 1000)).json["total"] == usd("2500.00")
    assert list(field_errors(crm.post("/sales-orders", an_order(customer, lines=[line] * 1001)))) == ["/lines"]


def test_a_number_in_use_is_a_conflict(crm, customer):
    crm.post("/sales-orders", an_order(customer, number="10248"))
    answered = crm.post("/sales-orders", an_order(customer, number="10248"))
    assert (answered.status_code, answered.json["code"]) == (409, "already_taken")


def test_an_order_is_placed_once_and_a_repeated_key_returns_the_stored_response(crm, customer):
    order = crm.post("/sales-orders", an_order(customer)).json
    path = f"/sales-orders/{order['id']}/place"
    first, again = (crm.post(path, **{"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.json == again.json
    refused = crm.post(path)
    assert (refused.status_code, refused.json["code"]) == (409, "wrong_status")
    assert crm.post(f"/sales-orders/{uuid4()}/place").status_code == 404


def test_a_draft_is_cancelled_at_once_and_a_placed_order_is_cancelling(crm, customer):
    draft, order = (crm.post("/sales-orders", an_order(customer)).json["id"] for _ in range(2))
    crm.post(f"/sales-orders/{order}/place")
    answers = [crm.post(f"/sales-orders/{each}/cancel", {"reason": "changed their mind"}) for each in (draft, order)]
    assert [(each.status_code, each.json["status"], each.json["reason"]) for each in answers] == [
        (200, "cancelled", "changed their mind"),
        (200, "cancelling", "changed their mind"),
    ]
    assert crm.post(f"/sales-orders/{order}/cancel").status_code == 400
    assert crm.post(f"/sales-orders/{order}/cancel", {"reason": "again"}).status_code == 409


def test_amending_a_placed_order_shows_the_requested_terms(crm, customer):
    order = crm.post("/sales-orders", an_order(customer)).json["id"]
    assert crm.post(f"/sales-orders/{order}/amend", {"freight": usd("2.00")}).json["total"] == usd("8.35")
    crm.post(f"/sales-orders/{order}/place")
    bolts = {"sku": "BOLT-M8", "quantity": "20", "unit_price": usd("0.25")}
    amended = crm.post(
        f"/sales-orders/{order}/amend", {"lines": [bolts], "ship_to": SHIP_TO, "required_on": "2030-01-01"}
    )
    shown = amended.json
    assert (amended.status_code, shown["status"], shown["total"], shown["ship_to"]) == (
        200,
        "amending",
        usd("8.35"),
        None,
    )
    assert (shown["revision"], shown["amendment"]) == (
        1,
        {"revision": 2, "total": usd("7.00"), "refused_because": None},
    )


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"lines": []}, "/lines"),
        ({"lines": [{"sku": "BOLT-M8", "quantity": "0", "unit_price": usd("1")}]}, "/lines/0/quantity"),
        (
            {"lines": [{"sku": "BOLT-M8", "quantity": "1", "unit_price": {"amount": "1", "currency": "EUR"}}]},
            "/lines/0/unit_price/currency",
        ),
        ({"freight": {"amount": "3", "currency": "EUR"}}, "/freight/currency"),
        ({"customer_id": str(uuid4())}, "/customer_id"),
        ({"warehouse": "OTHER"}, "/warehouse"),
    ],
)
def test_invalid_fields_of_an_amendment_are_refused_by_name(crm, customer, fields, fault):
    order = crm.post("/sales-orders", an_order(customer)).json["id"]
    crm.post(f"/sales-orders/{order}/place")
    assert list(field_errors(crm.post(f"/sales-orders/{order}/amend", fields))) == [fault]
    assert len(recorded_events(crm.service)) == 3


@pytest.mark.parametrize("placed", [False, True])
def test_freight_can_be_removed(crm, customer, placed):
    order = crm.post("/sales-orders", an_order(customer, freight=usd("2.00"))).json
    if placed:
        crm.post(f"/sales-orders/{order['id']}/place", {})
    amended = crm.post(f"/sales-orders/{order['id']}/amend", {"freight": None}).json
    assert (amended["amendment"] or amended)["total"] == order["net"]


def test_an_order_of_a_thousand_lines_is_amended(crm, customer):
    line = an_order(customer)["lines"][0]
    order = crm.post("/sales-orders", an_order(customer, lines=[line] * 1000)).json["id"]
    crm.post(f"/sales-orders/{order}/place")
    amended = crm.post(f"/sales-orders/{order}/amend", {"lines": [{**line, "quantity": "1"}] * 1000}).json
    assert amended["amendment"]["total"] == usd("250.00")
