"""Proxy: requests and responses are forwarded unchanged, without identity headers of the client."""

import json
import re
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from werkzeug.wrappers import Response

from shared.identity import TokenVerifier
from shared.web.body_limits import MAX_BODY_BYTES, BodyKind

ORDER = f"/sales-orders/{uuid4()}"


def test_path_query_body_and_conditional_headers_are_forwarded(open_gateway: Any) -> None:
    gateway = open_gateway()
    gateway.services["crm"].responses[f"{ORDER}/place"] = {"status": "placed"}
    response = gateway.client.post(
        f"/api/v1/crm{ORDER}/place?a=1&b=%2F",
        data=b'{"effective_on": "1996-07-04"}',
        content_type="application/json",
        headers={"Idempotency-Key": "k-1", "If-Match": '"3"'},
    )
    assert (response.status_code, response.json) == (200, {"status": "placed"})
    (request,) = gateway.services["crm"].requests
    assert (request.method, request.path, request.query_string) == ("POST", f"{ORDER}/place", b"a=1&b=%2F")
    assert request.get_data() == b'{"effective_on": "1996-07-04"}'
    assert request.headers["Content-Type"] == "application/json"
    assert (request.headers["Idempotency-Key"], request.headers["If-Match"]) == ("k-1", '"3"')


def test_an_empty_condition_is_forwarded_for_the_service_to_refuse(open_gateway: Any) -> None:
    gateway = open_gateway()
    gateway.client.post("/api/v1/crm/sales-orders/7/place", json={}, headers={"If-Match": ""})
    (request,) = gateway.services["crm"].requests
    assert request.headers["If-Match"] == ""


def test_a_response_is_returned_with_its_headers(open_gateway: Any) -> None:
    gateway = open_gateway()
    headers = {
        "Location": "/api/v1/crm/customers/7",
        "ETag": '"1"',
        "Link": '</api/v1/crm/customers?cursor=x>; rel="next"',
        "Retry-After": "2",
        "Server": "something 1.0",
    }
    gateway.services["crm"].responses["/customers"] = Response(
        b'{"id":7}', 201, headers, content_type="application/json"
    )
    response = gateway.client.post("/api/v1/crm/customers", json={}, headers={"Idempotency-Key": "k"})
    assert (response.status_code, response.get_data()) == (201, b'{"id":7}')
    for name in ("Location", "ETag", "Link", "Retry-After"):
        assert response.headers[name] == headers[name]
    assert "Server" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"


def test_a_problem_is_returned_as_the_service_sent_it(open_gateway: Any) -> None:
    gateway = open_gateway()
    body = b'{"type":"urn:sihe:problem:empty_order","status":409,"code":"empty_order"}'
    gateway.services["crm"].responses[f"{ORDER}/place"] = Response(body, 409, content_type="application/problem+json")
    response = gateway.client.post(f"/api/v1/crm{ORDER}/place", headers={"Idempotency-Key": "k"})
    assert (response.status_code, response.get_data()) == (409, body)
    assert response.content_type == "application/problem+json"


def test_only_the_gateway_states_the_identity_of_the_caller(open_gateway: Any) -> None:
    gateway = open_gateway()
    gateway.services["crm"].responses["/customers"] = {}
    forged = {
        "X-User-Id": "admin", "X-Roles": "admin", "X-Forwarded-For": "10.0.0.1", "Forwarded": "for=10.0.0.1",
        "X-Tenant": "other", "X-HTTP-Method-Override": "DELETE", "Prefer": "position", "Cookie": "a=b",
        "Connection": "keep-alive, X-Secret", "X-Secret": "1",
    }  # fmt: skip
    assert gateway.create_key("sales", person="anna").get("/api/v1/crm/customers", headers=forged).status_code == 200
    (request,) = gateway.services["crm"].requests
    received = {name.lower() for name in request.headers.keys()}  # noqa: SIM118 (headers may repeat)
    assert received.isdisjoint(name.lower() for name in forged if name != "Connection")
    token = request.headers["Authorization"].removeprefix("Bearer ")
    identity = TokenVerifier.from_file(gateway.home / "keys" / "jwks.json", "crm").verify(token, "GET", "/customers")
    assert (identity.issuer, identity.actor, identity.roles) == ("gateway", "anna", ("sales",))


def identity_received_by(service: str, gateway: Any) -> Any:
    """Return the identity in the last request that the service received."""
    request = gateway.services[service].requests[-1]
    token = request.headers["Authorization"].removeprefix("Bearer ")
    verifier = TokenVerifier.from_file(gateway.home / "keys" / "jwks.json", service)
    return verifier.verify(token, request.method, request.path)


@pytest.mark.parametrize(
    ("roles", "service", "path", "permissions", "own_permissions"),
    [
        (["admin"], "crm", "customers", ("*",), ()),
        (["auditor"], "erp", "invoices", ("*:read*",), ()),
        (
            ["sales"], "crm", "customers",
            ("crm.*:read*", "crm.*:write", "crm.customers:assign", "crm.customers:erase"), (),
        ),
        (["sales"], "erp", "invoices", ("erp.receivables:read_invoices",), ()),
        (["accountant", "warehouse"], "scm", "items", ("scm.*:read", "scm.*:read*", "scm.*:write"), ()),
        (
            ["representative"], "crm", "customers", (),
            ("crm.customers:read", "crm.customers:write", "crm.insight:read", "crm.sales_orders:read",
             "crm.sales_orders:write"),
        ),
        (
            ["representative", "accountant"], "crm", "customers", ("crm.*:read*",),
            ("crm.customers:read", "crm.customers:write", "crm.insight:read", "crm.sales_orders:read",
             "crm.sales_orders:write"),
        ),
    ],
)  # fmt: skip
def test_a_service_receives_the_permissions_of_the_caller_in_it_as_patterns(
    open_gateway: Any, roles: list[str], service: str, path: str, permissions: tuple[str, ...], own_permissions: Any
) -> None:
    gateway = open_gateway()
    gateway.services[service].responses[f"/{path}"] = {}
    assert gateway.create_key(*roles).get(f"/api/v1/{service}/{path}").status_code == 200
    identity = identity_received_by(service, gateway)
    assert (identity.permissions, identity.own_permissions) == (permissions, own_permissions)


@pytest.mark.parametrize("given", [None, "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "nonsense", "00-\u00e4"])
def test_a_new_trace_starts_without_a_valid_traceparent(open_gateway: Any, given: str | None) -> None:
    gateway = open_gateway()
    gateway.services["crm"].responses["/customers"] = {}
    gateway.client.get("/api/v1/crm/customers", headers={"traceparent": given} if given else {})
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", gateway.services["crm"].requests[0].headers["traceparent"])


@pytest.mark.case("X25")
@pytest.mark.parametrize("flags", ["00", "01"])
def test_a_foreign_trace_is_noted_but_no_cause_of_what_happens(open_gateway: Any, capsys: Any, flags: str) -> None:
    gateway = open_gateway()
    gateway.services["crm"].responses["/customers"] = {}
    foreign = f"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{flags}"
    capsys.readouterr()
    gateway.client.get("/api/v1/crm/customers", headers={"traceparent": foreign})
    own = gateway.services["crm"].requests[0].headers["traceparent"]
    assert own.split("-")[1] != foreign.split("-")[1]
    (line,) = capsys.readouterr().err.splitlines()
    assert (json.loads(line)["linked_traceparent"], json.loads(line)["trace_id"]) == (foreign, own.split("-")[1])


def test_an_unreachable_service_is_named_and_the_others_stay_available(open_gateway: Any) -> None:
    gateway = open_gateway(without={"erp"})
    gateway.services["crm"].responses["/customers"] = {"data": []}
    down = gateway.client.get("/api/v1/erp/invoices")
    assert (down.status_code, down.json["code"], down.json["service"]) == (503, "service_unavailable", "erp")
    assert down.content_type == "application/problem+json"
    assert 1 <= int(down.headers["Retry-After"]) <= 3
    assert gateway.client.get("/api/v1/crm/customers").status_code == 200


def test_a_head_request_is_forwarded_as_get_and_returned_without_a_body(open_gateway: Any) -> None:
    gateway = open_gateway()
    gateway.services["crm"].responses["/customers"] = {"data": []}
    response = gateway.client.head("/api/v1/crm/customers")
    assert (response.status_code, response.get_data()) == (200, b"")
    assert gateway.services["crm"].requests[0].method == "GET"


def test_a_body_over_one_mebibyte_reaches_no_service_with_or_without_a_stated_length(open_gateway: Any) -> None:
    gateway = open_gateway()
    gateway.services["crm"].responses["/customers"] = {}
    longest = b'"' + b"x" * (1024 * 1024 - 2) + b'"'
    for body, status in ((longest, 200), (longest + b" ", 413)):
        stated = gateway.client.post("/api/v1/crm/customers", data=body, headers={"Idempotency-Key": "k"})
        assert stated.status_code == status
    chunked = gateway.client.post(
        "/api/v1/crm/customers",
        input_stream=__import__("io").BytesIO(longest + b" "),
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert chunked.status_code == 413
    assert [len(each.get_data()) for each in gateway.services["crm"].requests] == [1024 * 1024]


def test_a_body_shorter_than_its_stated_length_reaches_no_service(open_gateway: Any) -> None:
    gateway = open_gateway()
    cut = gateway.client.post("/api/v1/crm/customers", data=b"{}", environ_overrides={"CONTENT_LENGTH": "100"})
    assert (cut.status_code, gateway.services["crm"].requests) == (400, [])


def test_a_short_command_has_a_lower_body_limit(open_gateway: Any) -> None:
    gateway = open_gateway()
    response = gateway.client.post(f"/api/v1/crm{ORDER}/place", data=b" " * 20_000)
    assert (response.status_code, gateway.services["crm"].requests) == (413, [])


@pytest.mark.case("B48")
def test_a_sheet_may_be_larger_than_other_bodies_and_arrives_unchanged(open_gateway: Any) -> None:
    gateway = open_gateway()
    gateway.services["crm"].responses["/customers/import"] = {"rows": 1}
    sheet = b"code,name\r\n" + b"x" * (20 << 20)
    response = gateway.client.post(
        "/api/v1/crm/customers/import", data=sheet, content_type="text/csv", headers={"Idempotency-Key": "k"}
    )
    assert (response.status_code, response.json) == (200, {"rows": 1})
    (request,) = gateway.services["crm"].requests
    assert request.get_data() == sheet
    assert request.headers["Content-Type"] == "text/csv"


@pytest.mark.case("B48", "C25")
def test_a_sheet_over_the_limit_is_refused_with_what_to_do(open_gateway: Any) -> None:
    gateway = open_gateway()
    response = gateway.client.post(
        "/api/v1/crm/customers/import",
        data=b"x" * ((32 << 20) + 1), content_type="text/csv", headers={"Idempotency-Key": "k"},
    )  # fmt: skip
    assert (response.status_code, response.json["code"]) == (413, "too_large")
    assert "Split it" in response.json["detail"]
    assert gateway.services["crm"].requests == []


@pytest.mark.case("B59")
@pytest.mark.parametrize("sku", ["CGJ X7R E1 KIT", "#8-32", 'Hex-1"', "R&D: 5+", "1N4148 (DO-35)", "O'Ring"])
def test_a_code_with_blanks_and_signs_is_forwarded_as_it_was_addressed(open_gateway: Any, sku: str) -> None:
    gateway = open_gateway()
    gateway.services["scm"].responses[f"/items/{sku}"] = {"sku": sku}
    response = gateway.client.get(f"/api/v1/scm/items/{quote(sku, safe='')}?consistency=eventual")
    assert (response.status_code, response.json) == (200, {"sku": sku})
    (request,) = gateway.services["scm"].requests
    assert (request.path, request.query_string) == (f"/items/{sku}", b"consistency=eventual")


@pytest.mark.case("B59")
@pytest.mark.parametrize(
    "segment", ["A%2FB", "A%2f..", "%2e%2e", "A%25B", "A%5CB", "A%3BB", "A%00", "%20A", "A%2CB", "A."]
)
def test_no_other_escape_is_forwarded(open_gateway: Any, segment: str) -> None:
    gateway = open_gateway()
    assert gateway.client.get(f"/api/v1/scm/items/{segment}").status_code in (400, 404)
    assert gateway.services["scm"].requests == []


@pytest.mark.parametrize("kind", BodyKind)
def test_each_kind_of_route_has_one_limit_of_its_bodies(open_gateway: Any, kind: BodyKind) -> None:
    path = {"short": f"{ORDER}/place", "list": "/sales-orders", "sheet": "/customers/import"}[kind]
    gateway = open_gateway()
    gateway.services["crm"].responses[path] = {}
    limit = MAX_BODY_BYTES[kind]
    answers = [gateway.client.post(f"/api/v1/crm{path}", data=b" " * size).status_code for size in (limit, limit + 1)]
    assert answers == [200, 413]
    assert [len(each.get_data()) for each in gateway.services["crm"].requests] == [limit]
