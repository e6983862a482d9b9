"""A request passes the gateway as it was meant, with nothing the client says of itself, and so does the answer."""

import re
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.wrappers import Response

from shared.identity import TokenVerifier

ORDER = f"/sales-orders/{uuid4()}"


def test_path_query_body_and_the_callers_conditions_are_handed_on(house: Any) -> None:
    here = house()
    here.services["crm"].answers[f"{ORDER}/place"] = {"status": "placed"}
    answer = here.browser.post(
        f"/api/v1/crm{ORDER}/place?a=1&b=%2F",
        data=b'{"effective_on": "1996-07-04"}',
        content_type="application/json",
        headers={"Idempotency-Key": "k-1", "If-Match": '"3"'},
    )
    assert (answer.status_code, answer.json) == (200, {"status": "placed"})
    (asked,) = here.services["crm"].requests
    assert (asked.method, asked.path, asked.query_string) == ("POST", f"{ORDER}/place", b"a=1&b=%2F")
    assert asked.get_data() == b'{"effective_on": "1996-07-04"}'
    assert asked.headers["Content-Type"] == "application/json"
    assert (asked.headers["Idempotency-Key"], asked.headers["If-Match"]) == ("k-1", '"3"')


def test_a_condition_that_says_nothing_is_handed_on_to_be_refused(house: Any) -> None:
    here = house()
    here.browser.post("/api/v1/crm/sales-orders/7/place", json={}, headers={"If-Match": ""})
    (asked,) = here.services["crm"].requests
    assert asked.headers["If-Match"] == ""


def test_the_answer_comes_back_with_its_headers(house: Any) -> None:
    here = house()
    headers = {
        "Location": "/api/v1/crm/customers/7",
        "ETag": '"1"',
        "Link": '</api/v1/crm/customers?cursor=x>; rel="next"',
        "Retry-After": "2",
        "Server": "something 1.0",
    }
    here.services["crm"].answers["/customers"] = Response(b'{"id":7}', 201, headers, content_type="application/json")
    answer = here.browser.post("/api/v1/crm/customers", json={}, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.get_data()) == (201, b'{"id":7}')
    for name in ("Location", "ETag", "Link", "Retry-After"):
        assert answer.headers[name] == headers[name]
    assert "Server" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_problem_comes_back_as_the_service_told_it(house: Any) -> None:
    here = house()
    body = b'{"type":"urn:sihe:problem:empty_order","status":409,"code":"empty_order"}'
    here.services["crm"].answers[f"{ORDER}/place"] = Response(body, 409, content_type="application/problem+json")
    answer = here.browser.post(f"/api/v1/crm{ORDER}/place", headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.get_data()) == (409, body)
    assert answer.content_type == "application/problem+json"


def test_who_asks_is_said_by_the_gateway_alone(house: Any) -> None:
    here = house()
    here.services["crm"].answers["/customers"] = {}
    lies = {
        "X-User-Id": "admin", "X-Roles": "admin", "X-Forwarded-For": "10.0.0.1", "Forwarded": "for=10.0.0.1",
        "X-Tenant": "other", "X-HTTP-Method-Override": "DELETE", "Prefer": "position", "Cookie": "a=b",
        "Connection": "keep-alive, X-Secret", "X-Secret": "1",
    }  # fmt: skip
    assert here.create_key("sales", person="anna").get("/api/v1/crm/customers", headers=lies).status_code == 200
    (asked,) = here.services["crm"].requests
    seen = {name.lower() for name in asked.headers.keys()}  # noqa: SIM118 (headers may repeat)
    assert seen.isdisjoint(name.lower() for name in lies if name != "Connection")
    token = asked.headers["Authorization"].removeprefix("Bearer ")
    identity = TokenVerifier.from_file(here.home / "keys" / "jwks.json", "crm").verify(token)
    assert (identity.issuer, identity.actor, identity.roles) == ("gateway", "anna", ("sales",))


@pytest.mark.parametrize("given", [None, "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "nonsense", "00-\u00e4"])
def test_without_a_proper_trace_a_new_one_begins(house: Any, given: str | None) -> None:
    here = house()
    here.services["crm"].answers["/customers"] = {}
    here.browser.get("/api/v1/crm/customers", headers={"traceparent": given} if given else {})
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", here.services["crm"].requests[0].headers["traceparent"])


def test_a_proper_trace_is_continued(house: Any) -> None:
    here = house()
    here.services["crm"].answers["/customers"] = {}
    trace = "00-" + "4bf92f3577b34da6a3ce929d0e0e4736" + "-00f067aa0ba902b7-01"
    here.browser.get("/api/v1/crm/customers", headers={"traceparent": trace})
    assert here.services["crm"].requests[0].headers["traceparent"] == trace


def test_a_silent_service_is_named_and_the_others_go_on(house: Any) -> None:
    here = house(without={"erp"})
    here.services["crm"].answers["/customers"] = {"data": []}
    down = here.browser.get("/api/v1/erp/invoices")
    assert (down.status_code, down.json["code"], down.json["service"]) == (503, "service_unavailable", "erp")
    assert down.content_type == "application/problem+json"
    assert 1 <= int(down.headers["Retry-After"]) <= 3
    assert here.browser.get("/api/v1/crm/customers").status_code == 200


def test_a_head_is_a_get_without_its_body(house: Any) -> None:
    here = house()
    here.services["crm"].answers["/customers"] = {"data": []}
    answer = here.browser.head("/api/v1/crm/customers")
    assert (answer.status_code, answer.get_data()) == (200, b"")
    assert here.services["crm"].requests[0].method == "GET"


def test_a_body_over_a_mebibyte_reaches_nobody_however_it_is_sent(house: Any) -> None:
    here = house()
    here.services["crm"].answers["/customers"] = {}
    most = b'"' + b"x" * (1024 * 1024 - 2) + b'"'
    for body, status in ((most, 200), (most + b" ", 413)):
        stated = here.browser.post("/api/v1/crm/customers", data=body, headers={"Idempotency-Key": "k"})
        assert stated.status_code == status
    chunked = here.browser.post(
        "/api/v1/crm/customers",
        input_stream=__import__("io").BytesIO(most + b" "),
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert chunked.status_code == 413
    assert [len(each.get_data()) for each in here.services["crm"].requests] == [1024 * 1024]


def test_a_body_that_ends_too_early_reaches_nobody(house: Any) -> None:
    here = house()
    cut = here.browser.post("/api/v1/crm/customers", data=b"{}", environ_overrides={"CONTENT_LENGTH": "100"})
    assert (cut.status_code, here.services["crm"].requests) == (400, [])


def test_a_short_command_has_a_short_body(house: Any) -> None:
    here = house()
    answer = here.browser.post(f"/api/v1/crm{ORDER}/place", data=b" " * 20_000)
    assert (answer.status_code, here.services["crm"].requests) == (413, [])
