"""Only a valid key opens, only what its roles say; odd addresses lead nowhere."""

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

CUSTOMERS = "/api/v1/crm/customers"
REFUSED = (401, "authentication_required", "application/problem+json")


def told(answer: Any) -> Any:
    return answer.status_code, answer.json["code"], answer.content_type


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
def test_without_one_valid_key_nobody_comes_in(same_house: Any, headers: Any) -> None:
    here = same_house
    admin = here.browser.key
    pairs = [(name, value.replace("{admin}", admin)) for name, value in dict(headers).items()]
    if isinstance(headers, list):
        pairs *= 2
    answer = here.browser.with_key(None).get(CUSTOMERS, headers=pairs)
    assert told(answer) == REFUSED
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert here.services["crm"].requests == []
    assert admin not in answer.text


def test_the_key_of_the_first_admin_opens(house: Any) -> None:
    here = house(SIHE_ADMIN_KEY="ключ с пробелами, и запятой")
    here.services["crm"].answers["/customers"] = {}
    as_bytes = "ключ с пробелами, и запятой".encode().decode("latin-1")
    assert here.browser.with_key(as_bytes).get(CUSTOMERS).status_code == 200


def test_a_revoked_key_is_refused_at_the_next_request(house: Any) -> None:
    here = house()
    here.services["crm"].answers["/customers"] = {}
    seller = here.create_key("sales")
    assert seller.get(CUSTOMERS).status_code == 200
    (key,) = here.browser.get("/api/v1/access/keys").json["data"]
    assert here.browser.post(f"/api/v1/access/keys/{key['id']}/revoke").json["status"] == "revoked"
    assert told(seller.get(CUSTOMERS)) == REFUSED


def test_an_unknown_path_is_not_there_with_or_without_a_key(same_house: Any) -> None:
    here = same_house
    for path in ("/", "/api", "/api/v1", "/api/v1/crm", "/api/v1/crm/nothing", "/api/v2/crm/customers", "/admin"):
        for browser in (here.browser, here.browser.with_key(None)):
            assert told(browser.get(path)) == (404, "not_found", "application/problem+json")


@pytest.mark.parametrize("service", ["crm", "srm", "scm", "erp"])
def test_what_services_say_among_themselves_is_not_there(same_house: Any, service: str) -> None:
    here = same_house
    inside = ("events", "metrics", "healthz", "readyz", "audit/events", "openapi.json", "parked", "parked/crm/retry")
    for path in inside:
        assert here.browser.get(f"/api/v1/{service}/{path}").status_code == 404
        assert here.browser.post(f"/api/v1/{service}/{path}").status_code == 404
    assert here.browser.get("/metrics").status_code == 404
    assert here.services[service].requests == []


def test_what_cannot_be_done_is_told_with_what_can(same_house: Any) -> None:
    here = same_house
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        answer = here.browser.open(CUSTOMERS, method=method)
        assert answer.status_code == 405
        assert {each.strip() for each in answer.headers["Allow"].split(",")} == {"GET", "HEAD", "POST"}
    assert here.services["crm"].requests == []


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
def test_an_odd_address_reaches_nobody(same_house: Any, listening: Any, target: str) -> None:
    here = same_house
    for service in here.services.values():
        service.answers = {path: {} for path in ("/customers", "/events", "/invoices", "/audit/events")}
    outside = HTTPConnection(urlsplit(listening(here.app)).netloc)
    outside._encode_request = lambda request: request.encode("latin-1")  # type: ignore[attr-defined]
    outside.putrequest("GET", target, skip_accept_encoding=True)
    outside.putheader("Authorization", f"Bearer {here.browser.key}")
    outside.endheaders()
    status = outside.getresponse().status
    outside.close()
    assert status in (400, 404)
    assert all(service.requests == [] for service in here.services.values())


def test_two_slashes_are_not_one(same_house: Any) -> None:
    here = same_house
    path = "//api/v1/crm/customers"
    answer = here.browser.get("/", environ_overrides={"RAW_URI": path, "PATH_INFO": path})
    assert (answer.status_code, here.services["crm"].requests) == (400, [])


def test_too_long_an_address_is_refused(same_house: Any) -> None:
    here = same_house
    assert here.browser.get(CUSTOMERS + "?q=" + "x" * 9_000).status_code == 414
    assert here.services["crm"].requests == []


def test_no_answer_may_be_kept_or_read_from_another_page(house: Any) -> None:
    here = house()
    here.services["crm"].answers["/customers"] = {}
    for origin in ("https://elsewhere.example", "null"):
        answer = here.browser.get(CUSTOMERS, headers={"Origin": origin})
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
        assert (answer.headers["Cache-Control"], answer.headers["Vary"]) == ("no-store", "Authorization")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_one_host_is_needed(same_house: Any) -> None:
    here = same_house
    assert here.browser.get(CUSTOMERS, environ_overrides={"HTTP_HOST": "a, b"}).status_code == 400
    assert here.services["crm"].requests == []


def test_a_made_up_id_under_a_known_path_is_the_services_to_judge(house: Any) -> None:
    here = house()
    assert here.browser.get(f"{CUSTOMERS}/{uuid4()}").status_code == 404
    assert len(here.services["crm"].requests) == 1
