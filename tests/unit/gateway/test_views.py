"""Views composed of several services; parts of a service that does not answer are null, the service is named."""

import json
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.wrappers import Response

from shared.identity import TokenVerifier

ORDER_ID, CUSTOMER_ID, CORRELATION = str(uuid4()), str(uuid4()), str(uuid4())
ORDER = {"id": ORDER_ID, "customer_id": CUSTOMER_ID, "status": "reserved"}


def page(*events: dict[str, Any], link: str = "") -> Response:
    lines = "".join(json.dumps(event) + "\n" for event in events)
    headers = {"Sihe-Position": "40", **({"Link": link} if link else {})}
    return Response(lines, headers=headers, content_type="application/x-ndjson")


def create_event(id: str, causation: str, second: int, follows: str | None = None) -> dict[str, Any]:
    return {
        "position": int(id.rpartition("-")[2]), "id": id, "type": "some.Aggregate.Happened", "aggregate": str(uuid4()),
        "aggregate_type": "some.Aggregate", "version": 1, "recorded_at": f"2026-01-01T00:01:{second:02}Z",
        "effective_on": "1996-07-04", "actor": "anna", "correlation": CORRELATION, "causation": causation,
        "follows": follows, "data": {"secret": 1},
    }  # fmt: skip


def response_at(content: Any, position: int) -> Response:
    return Response(json.dumps(content), headers={"Sihe-Position": str(position)}, content_type="application/json")


def set_order_responses(gateway: Any) -> None:
    crm, srm, scm, erp = (gateway.services[name].responses for name in ("crm", "srm", "scm", "erp"))
    crm[f"/sales-orders/{ORDER_ID}"] = response_at(ORDER, 41)
    scm["/shipments"] = response_at({"data": [{"id": "s1"}]}, 42)
    erp["/invoices"] = response_at({"data": [{"id": "i1"}]}, 43)
    erp[f"/credit/{CUSTOMER_ID}"] = response_at({"available": "7"}, 43)
    srm["/purchase-requests"] = response_at({"data": [{"id": "p1"}]}, 44)
    drafted = create_event("crm:c-1", "command:1", 1)
    crm[f"/audit/readable-events?aggregate={ORDER_ID}&limit=1"] = page(drafted)
    log = f"/audit/readable-events?correlation={CORRELATION}&after="
    next_page = f'</api/v1/crm/audit/readable-events?correlation={CORRELATION}&after=1>; rel="next"'
    crm[f"{log}0"] = page(drafted, link=next_page)
    crm[f"{log}1"] = page(create_event("crm:c-2", "command:2", 2, follows="crm:c-1"))
    scm[f"{log}0"] = page(create_event("scm:s-5", "crm:c-2", 3))
    srm[f"{log}0"] = page(create_event("srm:r-6", "scm:s-5", 4))
    erp[f"{log}0"] = page(create_event("erp:e-7", "crm:c-2", 3))


def tree(node: dict[str, Any]) -> Any:
    return [node["id"], *(tree(child) for child in node["children"])]


def test_the_order_view_has_the_parts_of_all_four_services(open_gateway: Any) -> None:
    gateway = open_gateway()
    set_order_responses(gateway)
    view = gateway.client.get(f"/api/v1/views/orders/{ORDER_ID}").json
    assert {name: part for name, part in view.items() if name != "correlation_tree"} == {
        "order": ORDER,
        "shipments": [{"id": "s1"}],
        "invoices": [{"id": "i1"}],
        "credit": {"available": "7"},
        "purchase_requests": [{"id": "p1"}],
        "sources": {
            "crm": {"ok": True, "position": view["sources"]["crm"]["position"]},
            "erp": {"ok": True, "position": 43},
            "scm": {"ok": True, "position": 42},
            "srm": {"ok": True, "position": 44},
        },
    }
    assert view["sources"]["crm"]["position"] in (40, 41)
    assert tree(view["correlation_tree"]) == [
        f"correlation:{CORRELATION}",
        ["command:1", ["crm:c-1", ["command:2", ["crm:c-2", ["erp:e-7"], ["scm:s-5", ["srm:r-6"]]]]]],
    ]
    assert "secret" not in json.dumps(view)


def test_requests_for_a_representative_are_limited_to_own_records_and_forbidden_parts_are_null(
    open_gateway: Any,
) -> None:
    gateway = open_gateway()
    set_order_responses(gateway)
    log = f"/audit/readable-events?aggregate={ORDER_ID}&limit=1"
    gateway.services["crm"].responses[log] = Response("{}", 403)
    for name in ("scm", "srm", "erp"):
        gateway.services[name].responses = ForbiddenResponses()
    response = gateway.create_key("representative", person="anna").get(f"/api/v1/views/orders/{ORDER_ID}")
    assert response.json == {
        "order": ORDER, "sources": {"crm": {"ok": True, "position": 41}},
        **dict.fromkeys(("shipments", "invoices", "credit", "purchase_requests", "correlation_tree")),
    }  # fmt: skip
    verifiers = {name: TokenVerifier.from_file(gateway.home / "keys" / "jwks.json", name) for name in gateway.services}
    identities = [
        verifiers[name].verify(each.headers["Authorization"].removeprefix("Bearer "), "GET", each.path)
        for name, service in gateway.services.items()
        for each in service.requests
    ]
    assert [each.audience for each in identities] == ["crm"] * 2
    assert all(each.only_own for each in identities)
    assert {(each.actor, each.on_behalf_of) for each in identities} == {("anna", None)}


def test_the_customer_view_has_no_links_to_forbidden_parts(open_gateway: Any) -> None:
    gateway = open_gateway()
    set_customer_responses(gateway)
    for name in ("scm", "erp"):
        gateway.services[name].responses = ForbiddenResponses()
    view = gateway.create_key("representative").get(f"/api/v1/views/customers/{CUSTOMER_ID}").json
    assert (view["customer"]["name"], view["orders"], view["credit"]) == ("Alfreds", [ORDER], None)
    assert view["more"].keys() == {"orders", "timeline"}
    assert view["sources"].keys() == {"crm"}


class ForbiddenResponses(dict[str, Any]):
    """Every request is forbidden."""

    def get(self, *_: Any) -> Response:
        return Response("{}", 403, content_type="application/problem+json")


def test_each_list_of_an_order_is_requested_once_with_a_filter(open_gateway: Any) -> None:
    gateway = open_gateway()
    set_order_responses(gateway)
    gateway.client.get(f"/api/v1/views/orders/{ORDER_ID}")
    requested = [each.full_path for each in gateway.services["scm"].requests if each.path == "/shipments"]
    assert requested == [f"/shipments?sales_order_id={ORDER_ID}&limit=200"]


@pytest.mark.case("X25")
def test_the_correlated_events_are_read_with_the_rights_of_the_caller(open_gateway: Any) -> None:
    gateway = open_gateway()
    set_order_responses(gateway)
    gateway.create_key("accountant", person="anna").get(f"/api/v1/views/orders/{ORDER_ID}")
    verifier = TokenVerifier.from_file(gateway.home / "keys" / "jwks.json", "scm")
    readers = {}
    for request in gateway.services["scm"].requests:
        identity = verifier.verify(request.headers["Authorization"].removeprefix("Bearer "), "GET", request.path)
        readers[request.path] = (identity.actor, identity.roles, identity.on_behalf_of)
    assert readers == {
        "/shipments": ("anna", ("accountant",), None), "/audit/readable-events": ("anna", ("accountant",), None)
    }  # fmt: skip


def test_the_parts_of_an_unreachable_service_are_null_and_the_service_is_named(open_gateway: Any) -> None:
    gateway = open_gateway(without={"srm"})
    set_order_responses(gateway)
    response = gateway.client.get(f"/api/v1/views/orders/{ORDER_ID}")
    view = response.json
    assert response.status_code == 200
    assert view["purchase_requests"] is None
    assert (view["order"], view["shipments"], view["credit"]) == (ORDER, [{"id": "s1"}], {"available": "7"})
    assert view["sources"]["srm"] == {"ok": False, "position": None}
    assert view["sources"]["scm"]["ok"]
    assert view["correlation_tree"]["events"] == 4


def test_a_service_that_did_not_answer_is_not_requested_again(open_gateway: Any) -> None:
    gateway = open_gateway()
    set_order_responses(gateway)
    gateway.services["erp"].responses["/invoices"] = Response("{}", 503)
    gateway.client.get(f"/api/v1/views/orders/{ORDER_ID}")
    assert [each.path for each in gateway.services["erp"].requests] == ["/invoices"]


def test_the_order_view_without_crm_has_the_parts_of_the_other_services(open_gateway: Any) -> None:
    gateway = open_gateway(without={"crm"})
    set_order_responses(gateway)
    view = gateway.client.get(f"/api/v1/views/orders/{ORDER_ID}").json
    assert (view["order"], view["credit"], view["correlation_tree"]) == (None, None, None)
    assert (view["shipments"], view["invoices"]) == ([{"id": "s1"}], [{"id": "i1"}])
    assert view["sources"]["crm"] == {"ok": False, "position": None}


def test_an_unknown_order_or_customer_is_not_found(open_gateway: Any) -> None:
    gateway = open_gateway()
    assert gateway.client.get(f"/api/v1/views/orders/{uuid4()}").status_code == 404
    assert gateway.client.get("/api/v1/views/orders/nonsense").status_code == 404
    assert gateway.client.get(f"/api/v1/views/customers/{uuid4()}").status_code == 404


def test_credit_that_is_not_yet_known_is_null_and_its_service_counts_as_available(open_gateway: Any) -> None:
    gateway = open_gateway()
    set_order_responses(gateway)
    del gateway.services["erp"].responses[f"/credit/{CUSTOMER_ID}"]
    view = gateway.client.get(f"/api/v1/views/orders/{ORDER_ID}").json
    assert (view["credit"], view["sources"]["erp"]["ok"]) == (None, True)


def set_customer_responses(gateway: Any) -> None:
    crm, scm, erp = (gateway.services[name].responses for name in ("crm", "scm", "erp"))
    crm[f"/customers/{CUSTOMER_ID}"] = response_at({"id": CUSTOMER_ID, "name": "Alfreds"}, 9)
    crm[f"/customers/{CUSTOMER_ID}/timeline"] = response_at({"data": [{"what": "ordered"}]}, 9)
    crm["/sales-orders"] = response_at({"data": [ORDER]}, 9)
    scm["/shipments"] = response_at({"data": [{"id": "s1"}]}, 8)
    erp["/invoices"] = response_at({"data": [{"id": "i1"}]}, 7)
    erp[f"/credit/{CUSTOMER_ID}"] = response_at({"available": "7"}, 7)


def test_the_customer_view_has_the_newest_records_of_all_services(open_gateway: Any) -> None:
    gateway = open_gateway()
    set_customer_responses(gateway)
    view = gateway.client.get(f"/api/v1/views/customers/{CUSTOMER_ID}").json
    more = view.pop("more")
    assert view == {
        "customer": {"id": CUSTOMER_ID, "name": "Alfreds"},
        "credit": {"available": "7"},
        "orders": [ORDER],
        "shipments": [{"id": "s1"}],
        "invoices": [{"id": "i1"}],
        "timeline": [{"what": "ordered"}],
        "sources": {
            "crm": {"ok": True, "position": 9}, "erp": {"ok": True, "position": 7}, "scm": {"ok": True, "position": 8}
        },
    }  # fmt: skip
    assert gateway.client.get(more["invoices"]).json == {"data": [{"id": "i1"}]}


def test_the_customer_view_without_erp_has_no_credit_and_no_invoices(open_gateway: Any) -> None:
    gateway = open_gateway(without={"erp"})
    set_customer_responses(gateway)
    response = gateway.client.get(f"/api/v1/views/customers/{CUSTOMER_ID}")
    assert (response.status_code, response.json["credit"], response.json["invoices"]) == (200, None, None)
    assert (response.json["orders"], response.json["sources"]["erp"]["ok"]) == ([ORDER], False)


@pytest.mark.case("C16")
@pytest.mark.parametrize(
    ("view", "found_by"),
    [("orders/SO-12", "crm/sales-orders?number=SO-12"), ("customers/ALFKI", "crm/customers?code=ALFKI")],
)
def test_a_view_by_number_is_unknown_but_the_answer_states_where_the_id_is(
    open_gateway: Any, view: str, found_by: str
) -> None:
    response = open_gateway().client.get(f"/api/v1/views/{view}")
    assert response.status_code == 404
    assert response.json["detail"].endswith(f"GET /api/v1/{found_by}")
