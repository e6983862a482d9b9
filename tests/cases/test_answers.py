"""Answers that a user would find confusing: each names what is wrong in the terms of the trade, and what to do."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from shared.testing.web import usd
from tests.cases.desk import Desk, Row, days_ago, open_desk

TODAY = days_ago(0)


@pytest.fixture(scope="module")
def office() -> Iterator[Desk]:
    """Return a desk with one trade from purchase to invoice, whose requests are all refused."""
    with open_desk() as desk:
        desk.stock_up("LAMP")
        supplier, customer = desk.supplier(code="MILL"), desk.customer(code="SHOP")
        order = desk.purchase(supplier, ("LAMP", "9", "5.00"), number="PO-A")
        desk.receive(order, ("LAMP", "9"))
        line = {"sku": "LAMP", "quantity": "9", "unit_price": usd("5.00")}
        bill = {"supplier_id": supplier, "number": "R-1", "purchase_order_id": order["id"], "billed_on": TODAY}
        desk.done("/erp/bills", {**bill, "lines": [line]})
        desk.dispatch(desk.order(customer, ("LAMP", "2", "9.00"), number="SO-A"))
        desk.done("/scm/carriers", {"code": "DHL", "name": "DHL"})
        yield desk


def only(desk: Desk, path: str) -> Row:
    [row] = desk.rows(path)
    return row


def error(answered: Any, status: int) -> str:
    """Return what is detail of the only field that is wrong, or of the whole request."""
    assert answered.status_code == status, answered.text
    errors = answered.json.get("errors", [])
    return str(errors[0]["detail"] if len(errors) == 1 else answered.json["detail"])


TOO_LATE = {
    "crm/sales-orders": ("cancel", "Sales order SO-A is invoiced"),
    "srm/purchase-orders": ("send", "Purchase order PO-A is received"),
    "erp/bills": ("reject", "Supplier invoice R-1 is matched"),
    "erp/invoices": ("reverse-write-off", "Invoice 1 is open"),
}


@pytest.mark.case("C1")
@pytest.mark.parametrize("path", TOO_LATE)
def test_a_command_that_comes_too_late_names_the_document_and_what_is_possible(office: Desk, path: str) -> None:
    command, expected = TOO_LATE[path]
    record = only(office, f"/{path}?limit=1")
    body = {} if command == "send" else {"reason": "too late"}
    detail = error(office.post(f"/{path}/{record['id']}/{command}", body), 409)
    assert detail.startswith(expected)
    assert "ossible now" in detail
    assert record["id"] not in detail


TAKEN: dict[str, tuple[Row, str, str]] = {
    "/scm/items": ({"sku": "lamp", "unit": "piece"}, "item SKU lamp", "LAMP"),
    "/scm/warehouses": ({"code": "MAIN"}, "warehouse code MAIN", "MAIN"),
    "/scm/carriers": ({"code": "dhl"}, "carrier code dhl", "DHL"),
    "/srm/suppliers": ({"code": "MILL", "currency": "USD"}, "supplier code MILL", "MILL"),
    "/crm/customers": ({"code": "shop", "currency": "USD"}, "customer code shop", "SHOP"),
}


@pytest.mark.case("C4")
@pytest.mark.parametrize("path", TAKEN)
def test_a_code_in_use_is_named_as_it_is_registered(office: Desk, path: str) -> None:
    body, named, registered = TAKEN[path]
    detail = error(office.post(path, {**body, "name": "Another"}), 409)
    assert detail.startswith(f"{named} is already in use")
    assert registered in detail


@pytest.mark.case("C4")
def test_the_number_of_an_order_in_use_is_named(office: Desk) -> None:
    line = {"sku": "LAMP", "quantity": "1", "unit_price": usd("9.00")}
    sale = {"customer_id": only(office, "/crm/customers")["id"], "currency": "USD", "lines": [line]}
    assert "sales order number so-a is already in use" in error(
        office.post("/crm/sales-orders", {**sale, "number": "so-a"}), 409
    )
    purchase = {"supplier_id": only(office, "/srm/suppliers")["id"], "currency": "USD", "lines": [line]}
    taken = {**purchase, "warehouse": "MAIN", "number": "PO-A"}
    assert "purchase order number PO-A is already in use" in error(office.post("/srm/purchase-orders", taken), 409)


BY_NUMBER = {
    "crm/sales-orders/SO-A": "crm/sales-orders?number=SO-A",
    "srm/purchase-orders/PO-A": "srm/purchase-orders?number=PO-A",
    "srm/suppliers/MILL": "srm/suppliers?code=MILL",
    "scm/warehouses/MAIN": "scm/warehouses?code=MAIN",
    "erp/bills/R-1": "erp/bills?number=R-1",
    "erp/invoices/1": "erp/invoices?number=1",
}


@pytest.mark.case("C16")
@pytest.mark.parametrize("path", BY_NUMBER)
def test_a_record_asked_by_its_number_is_found_as_the_answer_advises(office: Desk, path: str) -> None:
    advice = office.get(f"/{path}")["detail"]
    assert advice.endswith(f"GET /api/v1/{BY_NUMBER[path]}")
    assert len(office.rows(f"/{BY_NUMBER[path]}")) == 1


@pytest.mark.case("C16")
@pytest.mark.parametrize(
    ("path", "name"),
    [("crm/sales-orders", "sales order"), ("srm/purchase-orders", "purchase order"), ("erp/bills", "supplier invoice"),
     ("scm/goods-receipts", "goods receipt"), ("erp/journal-entries", "journal entry")],
)  # fmt: skip
def test_an_unknown_id_names_the_kind_of_record_in_plain_words(office: Desk, path: str, name: str) -> None:
    unknown = str(uuid4())
    assert office.get(f"/{path}/{unknown}")["detail"] == f"{name} {unknown} not found"


NEVER_CHANGED = {"/crm/customers": "code", "/scm/items": "unit", "/srm/suppliers": "code", "/scm/warehouses": "code"}


@pytest.mark.case("C26")
@pytest.mark.parametrize("path", NEVER_CHANGED)
def test_a_field_that_is_never_changed_is_named(office: Desk, path: str) -> None:
    field = NEVER_CHANGED[path]
    address = f"{path}/{only(office, path)['id']}"
    detail = error(office.send("PATCH", address, {field: "NEW"}, **{"If-Match": "*"}), 422)
    assert detail.startswith(f"{field} cannot be changed")


@pytest.mark.case("C26")
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("PATCH", "/crm/sales-orders", "GET"), ("DELETE", "/srm/suppliers", "GET, PATCH"), ("PUT", "/erp/bills", "GET")],
)
def test_a_method_that_a_record_does_not_allow_is_refused_with_those_it_does(
    office: Desk, method: str, path: str, allowed: str
) -> None:
    refused = office.send(method, f"{path}/{only(office, path)['id']}", {})
    assert (refused.status_code, refused.json["detail"]) == (
        405, f"This address does not allow {method}. Allowed: {allowed}.",
    )  # fmt: skip


@pytest.mark.case("C19")
@pytest.mark.parametrize("path", ["crm/customers", "srm/suppliers", "scm/warehouses", "scm/items", "erp/entities"])
def test_a_change_of_any_record_without_a_version_is_refused_with_the_current_one(office: Desk, path: str) -> None:
    record = only(office, f"/{path}")
    address = record.get("sku") or (record["code"] if path == "erp/entities" else record["id"])
    refused = office.send("PATCH", f"/{path}/{address}", {"name": "Other"})
    assert (refused.status_code, refused.json["current_version"]) == (428, record["version"])


@pytest.mark.case("C33")
@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/scm/items", {"sku": "X", "name": "n", "unit": "piece", "reorder_point": 3}, "/reorder_point"),
        ("/srm/supplier-items", {"sku": "LAMP", "lead_time_days": 1, "minimum_quantity": 2.5}, "/minimum_quantity"),
        ("/erp/journal-entries", {"lines": [{"debit": {"amount": 5, "currency": "USD"}}]}, "/lines/0/debit/amount"),
        ("/scm/stock-counts", {"lines": [{"sku": "LAMP", "quantity": 1e3}]}, "/lines/0/quantity"),
    ],
)
def test_a_number_in_place_of_a_text_is_refused_with_the_reason(
    office: Desk, path: str, body: Row, pointer: str
) -> None:
    refused = office.post(path, body)
    assert refused.status_code == 422
    [detail] = [each["detail"] for each in refused.json["errors"] if each["pointer"] == pointer]
    assert "because JSON numbers lose decimals" in detail
