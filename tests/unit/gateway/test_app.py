"""App of the gateway: authentication, public routes and limits of the request target."""

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

CUSTOMERS = "/api/v1/crm/customers"
REFUSED = (401, "authentication_required", "application/problem+json")


def problem_summary(response: Any) -> Any:
    return response.status_code, response.json["code"], response.content_type


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic {admin}"},
        {"Authorization": "{admin}"},
        {"Authorization": "Bearer {admin} {admin}"},
        {"Authorization": "Bearer sihe_" + "0" * 32 + "_" + "A" * 43},
        {"Authorization": "Bearer " + "x" * 100_000},
        {"Authorization": "Bearer \u00ff\u00fe"},
        {"X-Api-Key": "{admin}"},
        {"Cookie": "key={admin}"},
        [("Authorization", "Bearer {admin}"), ("Authorization", "Bearer {admin}")],
    ],
    ids=str,
)
def test_a_request_without_exactly_one_valid_key_is_refused(shared_gateway: Any, headers: Any) -> None:
    gateway = shared_gateway
    admin = gateway.client.key
    pairs = [(name, value.replace("{admin}", admin)) for name, value in dict(headers).items()]
    if isinstance(headers, list):
        pairs *= 2
    response = gateway.client.with_key(None).get(CUSTOMERS, headers=pairs)
    assert problem_summary(response) == REFUSED
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert gateway.services["crm"].requests == []
    assert admin not in response.text


def test_the_configured_admin_key_authenticates(open_gateway: Any) -> None:
    gateway = open_gateway(SIHE_ADMIN_KEY="ключ с пробелами, и запятой")
    gateway.services["crm"].responses["/customers"] = {}
    as_bytes = "ключ с пробелами, и запятой".encode().decode("latin-1")
    assert gateway.client.with_key(as_bytes).get(CUSTOMERS).status_code == 200


def test_a_revoked_key_is_refused_at_the_next_request(open_gateway: Any) -> None:
    gateway = open_gateway()
    gateway.services["crm"].responses["/customers"] = {}
    seller = gateway.create_key("sales")
    assert seller.get(CUSTOMERS).status_code == 200
    (key,) = gateway.client.get("/api/v1/access/keys").json["data"]
    assert gateway.client.post(f"/api/v1/access/keys/{key['id']}/revoke").json["status"] == "revoked"
    assert problem_summary(seller.get(CUSTOMERS)) == REFUSED


def test_an_unknown_path_is_not_found_with_or_without_a_key(shared_gateway: Any) -> None:
    gateway = shared_gateway
    for path in ("/api", "/api/v1", "/api/v1/crm", "/api/v1/crm/nothing", "/api/v2/crm/customers", "/admin"):
        for client in (gateway.client, gateway.client.with_key(None)):
            assert problem_summary(client.get(path)) == (404, "not_found", "application/problem+json")


@pytest.mark.parametrize("service", ["crm", "srm", "scm", "erp"])
def test_internal_endpoints_of_a_service_are_not_public(shared_gateway: Any, service: str) -> None:
    gateway = shared_gateway
    internal = ("events", "metrics", "healthz", "readyz", "audit/events", "openapi.json", "parked", "parked/crm/retry")
    for path in internal:
        assert gateway.client.get(f"/api/v1/{service}/{path}").status_code == 404
        assert gateway.client.post(f"/api/v1/{service}/{path}").status_code == 404
    assert gateway.client.with_key(None).get("/metrics").status_code == 401
    assert gateway.services[service].requests == []


def test_an_unsupported_method_is_refused_with_the_allowed_methods(shared_gateway: Any) -> None:
    gateway = shared_gateway
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        response = gateway.client.open(CUSTOMERS, method=method)
        assert response.status_code == 405
        assert {each.strip() for each in response.headers["Allow"].split(",")} == {"GET", "HEAD", "POST"}
    assert gateway.services["crm"].requests == []


@pytest.mark.parametrize(
    "target",
    [
        "/api/v1/erp/%2e%2e/crm/customers",
        "/api/v1/erp/../crm/customers",
        "/api/v1/erp/./invoices",
        "/api/v1//crm/customers",
        "/api/v1/crm/customers/",
        "/api/v1/crm/customers;x",
        "/api/v1/crm;x/customers",
        "/api/v1/crm/customers%2f1",
        "/api/v1/crm%2fcustomers",
        "/api/v1/crm/customers%00",
        "/api/v1/crm/customers.",
        "/api/v1/crm/customers%20",
        "/api/v1/crm/custom%65rs",
        "/API/V1/CRM/CUSTOMERS",
        "/api/v1/Crm/customers",
        "/api/v1/crm/customers\\..\\orders",
        "/api/v1/crm/customers%5c..%5corders",
        "/api/v1/crm/customers/%2e%2e/events",
        "/api/v1/audit/crm/../events",
        "/api/v1/audit/nats/events",
        "/api/v1/audit/%63rm/events",
        "http://elsewhere/api/v1/crm/customers",
        "*",
        "/api/v1/crm/customers?q=\u00e4",
        "/api/v1/crm/customers?q=%ff",
        "/api/v1/crm/customers?" + "&".join(["a=1"] * 2_000),
    ],
)
def test_an_irregular_target_reaches_no_service(shared_gateway: Any, start_server: Any, target: str) -> None:
    gateway = shared_gateway
    for service in gateway.services.values():
        service.responses = {path: {} for path in ("/customers", "/events", "/invoices", "/audit/events")}
    connection = HTTPConnection(urlsplit(start_server(gateway.app)).netloc)
    connection._encode_request = lambda request: request.encode("latin-1")  # type: ignore[attr-defined]
    connection.putrequest("GET", target, skip_accept_encoding=True)
    connection.putheader("Authorization", f"Bearer {gateway.client.key}")
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    assert status in (400, 404)
    assert all(service.requests == [] for service in gateway.services.values())


def test_a_double_slash_is_not_read_as_a_single_one(shared_gateway: Any) -> None:
    gateway = shared_gateway
    path = "//api/v1/crm/customers"
    response = gateway.client.get("/", environ_overrides={"RAW_URI": path, "PATH_INFO": path})
    assert (response.status_code, gateway.services["crm"].requests) == (400, [])


def test_a_target_that_is_too_long_is_refused(shared_gateway: Any) -> None:
    gateway = shared_gateway
    assert gateway.client.get(CUSTOMERS + "?q=" + "x" * 9_000).status_code == 414
    assert gateway.services["crm"].requests == []


def test_a_response_may_not_be_cached_or_read_from_another_origin(open_gateway: Any) -> None:
    gateway = open_gateway()
    gateway.services["crm"].responses["/customers"] = {}
    for origin in ("https://elsewhere.example", "null"):
        response = gateway.client.get(CUSTOMERS, headers={"Origin": origin})
        assert not [name for name, _ in response.headers if name.startswith("Access-Control")]
        assert (response.headers["Cache-Control"], response.headers["Vary"]) == ("no-store", "Authorization, Accept")
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_request_needs_exactly_one_host(shared_gateway: Any) -> None:
    gateway = shared_gateway
    assert gateway.client.get(CUSTOMERS, environ_overrides={"HTTP_HOST": "a, b"}).status_code == 400
    assert gateway.services["crm"].requests == []


def test_an_unknown_id_under_a_known_path_is_forwarded_to_the_service(open_gateway: Any) -> None:
    gateway = open_gateway()
    assert gateway.client.get(f"{CUSTOMERS}/{uuid4()}").status_code == 404
    assert len(gateway.services["crm"].requests) == 1


@pytest.mark.case("X25")
@pytest.mark.parametrize("name", ["till\nadmin", "till\r\nX: y", "till\x1b[31m", "ti\x00ll", "till\u2028two"])
@pytest.mark.parametrize("field", ["name", "person"])
def test_names_of_keys_and_persons_have_one_printable_line(shared_gateway: Any, field: str, name: str) -> None:
    body = {"name": "till", "roles": ["sales"], field: name}
    refused = shared_gateway.client.post("/api/v1/access/keys", json=body)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, f"/{field}")
