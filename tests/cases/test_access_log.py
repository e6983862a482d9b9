"""Whatever shows personal data is in the access log, by whichever method and address it is shown."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.routes import ROUTES
from shared.config import SERVICES
from shared.openapi.document import OPERATION
from shared.sheets.writing import CSV, XLSX
from shared.testing.web import create_client, usd
from shared.web.replies import JSON, SHOWS_PERSONS
from tests.cases.gateway_desk import GatewayDesk, open_gateway_desk

ADDRESS = {"street": "Quastengasse 17", "city": "Zwirbelhausen", "country": "DE"}
CUSTOMER = {
    "name": "Quast", "currency": "USD", "email": "wilhelmina@quast.example",
    "addresses": [{"kind": "billing", **ADDRESS}],
}  # fmt: skip
WITHOUT_PERSONS = ("scm/items", "scm/warehouses", "scm/carriers", "scm/stock", "srm/purchase-orders")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayDesk]:
    with open_gateway_desk(tmp_path_factory.mktemp("gateway-desk")) as desk:
        desk.has_key("sam", "sales")
        desk.has_key("walter", "warehouse")
        desk.has_key("ada", "auditor")
        desk.done("/scm/warehouses", {"code": "MAIN", "name": "Main"})
        desk.done("/scm/items", {"sku": "BOLT", "name": "Bolt", "unit": "piece"})
        yield desk


def a_customer(desk: GatewayDesk, code: str) -> str:
    return str(desk.done("/crm/customers", {"code": code, **CUSTOMER})["id"])


def an_order(customer: str) -> dict[str, Any]:
    lines = [{"sku": "BOLT", "quantity": "1", "unit_price": usd("5.00")}]
    return {"customer_id": customer, "currency": "USD", "lines": lines, "ship_to": ADDRESS}


@pytest.mark.case("X13")
def test_reading_orders_and_shipments_is_recorded(desk: GatewayDesk) -> None:
    order = desk.done("/crm/sales-orders", an_order(a_customer(desk, "READ")))
    one = f"/crm/sales-orders/{order['id']}"
    assert desk.log_of("GET", one, by="sam") == [("sam", "GET", one)]
    assert desk.log_of("GET", "/crm/sales-orders?limit=1", by="sam") == [("sam", "GET", "/crm/sales-orders")]
    assert desk.log_of("GET", "/scm/shipments", by="walter") == [("walter", "GET", "/scm/shipments")]
    assert desk.log_of("HEAD", one, by="sam") == [("sam", "HEAD", one)]


@pytest.mark.case("X13")
def test_commands_that_return_persons_are_recorded(desk: GatewayDesk) -> None:
    customer = a_customer(desk, "COMMANDS")
    path, match = f"/crm/customers/{customer}", {"If-Match": "*"}
    assert desk.log_of("PATCH", path, {}, by="sam", **match) == [("sam", "PATCH", path)]
    assert desk.log_of("POST", f"{path}/assign", {"owner": "sam"}, by="sam") == [("sam", "POST", f"{path}/assign")]
    drafts = "/crm/sales-orders"
    assert desk.log_of("POST", drafts, an_order(customer), by="sam") == [("sam", "POST", drafts)]
    batch = f"{drafts}/batch"
    assert desk.log_of("POST", batch, {"items": [an_order(customer)]}, by="sam") == [("sam", "POST", batch)]
    order = desk.done(drafts, an_order(customer))
    for command, body in (("amend", {"ship_to": ADDRESS}), ("place", {}), ("cancel", {"reason": "typed twice"})):
        path = f"{drafts}/{order['id']}/{command}"
        assert desk.log_of("POST", path, body, by="sam") == [("sam", "POST", path)]


@pytest.mark.case("X13")
def test_a_repeated_answer_is_recorded_like_the_first(desk: GatewayDesk) -> None:
    customer = a_customer(desk, "REPEATED")
    path, same = f"/crm/customers/{customer}", {"If-Match": "*", "Idempotency-Key": "look twice"}
    for _ in range(2):
        assert desk.log_of("PATCH", path, {}, by="sam", **same) == [("sam", "PATCH", path)]


@pytest.mark.case("X13")
def test_suppliers_sheets_views_and_audit_reads_are_recorded(desk: GatewayDesk) -> None:
    customer = a_customer(desk, "SHEETS")
    order = desk.done("/crm/sales-orders", an_order(customer))
    body = {"code": "SHEETS", "name": "Mill", "currency": "USD", "tax_id": "DE136695976"}
    supplier = desk.done("/srm/suppliers", body)
    for path in (
        "/crm/customers/export", "/crm/customers/export?format=xlsx", "/srm/suppliers/export",
        f"/srm/suppliers/{supplier['id']}", f"/views/orders/{order['id']}", f"/views/customers/{customer}",
        f"/audit/crm/aggregates/{customer}", "/audit/crm/events", f"/crm/customers/{customer}/timeline",
    ):  # fmt: skip
        bare = path.partition("?")[0]
        assert desk.log_of("GET", path) == [("admin", "GET", bare)], path
    path = f"/srm/suppliers/{supplier['id']}/block"
    assert desk.log_of("POST", path, {"purposes": ["orders"], "reason": "late"}) == [("admin", "POST", path)]


@pytest.mark.case("A10", "X13")
def test_a_list_as_a_sheet_is_recorded_as_the_list_is(desk: GatewayDesk) -> None:
    a_customer(desk, "AS-SHEET")
    for path, accept in (("?format=csv", "*/*"), ("?format=xlsx&code=AS-SHEET", "*/*"), ("?code=AS-SHEET", CSV)):
        recorded = desk.log_of("GET", f"/crm/customers{path}", by="sam", Accept=accept)
        assert recorded == [("sam", "GET", "/crm/customers")], path
    for path in ("scm/items", "scm/warehouses", "scm/carriers", "scm/stock"):
        assert desk.log_of("GET", f"/{path}?format=csv") == [], path


@pytest.mark.case("A10")
def test_the_gateway_forwards_sheets_and_their_headers(desk: GatewayDesk) -> None:
    a_customer(desk, "FORWARDED")
    found = desk.send("GET", "/crm/customers?format=csv&code=FORWARDED", by="sam")
    assert found.content_type == "text/csv; charset=utf-8"
    assert found.headers["Content-Disposition"] == 'attachment; filename="customers.csv"'
    assert CUSTOMER["email"] in found.text
    assert CUSTOMER["email"] not in desk.send("GET", "/crm/customers?format=csv&code=FORWARDED", by="ada").text
    statement = desk.send("GET", "/erp/trial-balance", Accept=XLSX)
    assert (statement.content_type, statement.headers["Sihe-Not-In-Sheet"]) == (XLSX, "totals")
    assert desk.send("GET", "/erp/trial-balance?format=csv", by="sam").status_code == 403
    assert desk.send("GET", "/erp/trial-balance", Accept="application/pdf").status_code == 406


@pytest.mark.case("X13")
def test_answers_without_persons_are_not_recorded(desk: GatewayDesk) -> None:
    for path in WITHOUT_PERSONS:
        assert desk.log_of("GET", f"/{path}") == [], path
    assert desk.log_of("POST", "/scm/items", {"sku": "NUT", "name": "Nut", "unit": "piece"}) == []


@pytest.mark.case("X13")
def test_a_refused_request_is_not_recorded_and_no_client_sees_the_mark(desk: GatewayDesk) -> None:
    order = desk.done("/crm/sales-orders", an_order(a_customer(desk, "REFUSED")))
    shown = desk.send("GET", f"/crm/sales-orders/{order['id']}", by="sam")
    assert [name for name, _ in shown.headers if name.startswith("Sihe-")] == []
    before = desk.last_record()
    assert desk.send("GET", f"/crm/sales-orders/{order['id']}", by="walter").status_code == 403
    assert desk.send("POST", "/crm/sales-orders", {}, by="sam").status_code == 422
    assert desk.last_record() == before


def shows_persons(schema: Any, document: dict[str, Any]) -> bool:
    """Return whether the schema of an answer has a field marked as personal, or as the subject of its record."""
    if isinstance(schema, list):
        return any(shows_persons(each, document) for each in schema)
    if not isinstance(schema, dict):
        return False
    marks = schema.get("x-sihe")
    if isinstance(marks, dict) and (marks.get("personal") or marks.get("data_subject")):
        return True
    if "$ref" in schema:
        return shows_persons(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    return any(shows_persons(each, document) for each in schema.values())


def schema_of(operation: dict[str, Any]) -> Any:
    """Return the schema of what an operation answers, or None for a sheet."""
    answers = [each for status, each in operation["responses"].items() if status < "3"]
    return next((each["content"][JSON]["schema"] for each in answers if JSON in each.get("content", {})), None)


@pytest.mark.case("X13")
@pytest.mark.parametrize("service", SERVICES)
def test_every_list_whose_schema_has_persons_is_recorded_and_no_other(desk: GatewayDesk, service: str) -> None:
    document = create_client(desk.firm.services[service]).get("/openapi.json").json
    expected = {
        path: shows_persons(schema_of(operations["get"]), document) or ROUTES[f"GET {service}{path}"].is_audited
        for path, operations in document["paths"].items()
        if "{" not in path and "get" in operations and schema_of(operations["get"])
    }
    assert {path: bool(desk.log_of("GET", f"/{service}{path}")) for path in expected} == expected
    assert len(expected) >= 4


@pytest.mark.case("X13")
@pytest.mark.parametrize("service", SERVICES)
def test_every_answer_whose_schema_has_persons_is_marked_and_no_other(desk: GatewayDesk, service: str) -> None:
    client = create_client(desk.firm.services[service])
    document, views = client.get("/openapi.json").json, client.application.view_functions
    described = {name: schema_of(getattr(view, OPERATION, {"responses": {}})) for name, view in views.items()}
    expected = {
        name: shows_persons(schema, document)
        for name, schema in described.items()
        if schema and {"$ref", "properties"}.intersection(schema)
    }
    assert {name: hasattr(views[name], SHOWS_PERSONS) for name in expected} == expected
