"""Pages of other origins call the API from a browser, if the settings list their origin."""

from typing import Any

import pytest

SHOP, OTHER = "https://shop.example", "https://shop.example.net"
CUSTOMERS = "/api/v1/crm/customers"
QUESTION = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,if-match"}


@pytest.fixture
def gateway(open_gateway: Any) -> Any:
    gateway = open_gateway(SIHE_ORIGINS=f"{SHOP}, http://localhost:5173")
    gateway.services["crm"].responses["/customers"] = {"data": []}
    return gateway


def marks(response: Any) -> dict[str, str]:
    return {name: value for name, value in response.headers if name.startswith("Access-Control")}


@pytest.mark.parametrize("origin", [SHOP, "http://localhost:5173"])
def test_a_page_of_a_listed_origin_may_call_and_read_versions_and_addresses(gateway: Any, origin: str) -> None:
    response = gateway.client.get(CUSTOMERS, headers={"Origin": origin})
    assert (response.status_code, marks(response)["Access-Control-Allow-Origin"]) == (200, origin)
    exposed = marks(response)["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "Location", "Link", "Retry-After"} <= set(exposed)
    assert "Origin" in response.headers.getlist("Vary")


def test_a_browser_is_answered_before_it_sends_a_command(gateway: Any) -> None:
    response = gateway.client.with_key(None).options(CUSTOMERS, headers={"Origin": SHOP, **QUESTION})
    assert (response.status_code, response.data) == (204, b"")
    allowed = marks(response)
    assert allowed["Access-Control-Allow-Origin"] == SHOP
    assert {"GET", "POST", "PATCH"} <= set(allowed["Access-Control-Allow-Methods"].split(", "))
    names = {each.lower() for each in allowed["Access-Control-Allow-Headers"].split(", ")}
    assert {"authorization", "content-type", "idempotency-key", "if-match"} <= names
    assert gateway.services["crm"].requests == []


def test_a_page_can_read_why_it_was_refused(gateway: Any) -> None:
    refused = gateway.client.with_key(None).get(CUSTOMERS, headers={"Origin": SHOP})
    assert (refused.status_code, marks(refused)["Access-Control-Allow-Origin"]) == (401, SHOP)


@pytest.mark.parametrize("origin", [OTHER, "null", "https://shop.example:8443", "http://shop.example", SHOP.upper()])
def test_pages_of_other_origins_cannot_read_a_response(gateway: Any, origin: str) -> None:
    assert marks(gateway.client.get(CUSTOMERS, headers={"Origin": origin})) == {}
    asked = gateway.client.options(CUSTOMERS, headers={"Origin": origin, **QUESTION})
    assert (asked.status_code, marks(asked)) == (405, {})


def test_without_the_setting_no_origin_is_allowed(shared_gateway: Any) -> None:
    response = shared_gateway.client.get("/", headers={"Origin": SHOP})
    assert (marks(response), "Origin" in response.headers.get("Vary", "")) == ({}, False)
