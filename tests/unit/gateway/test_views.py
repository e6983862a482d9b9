"""Views of several services: one answer, and what a silent service knows is null and named."""

import json
from typing import Any
from uuid import uuid4

from werkzeug.wrappers import Response

from shared.identity import TokenVerifier

ORDER_ID, CUSTOMER_ID, STORY = str(uuid4()), str(uuid4()), str(uuid4())
ORDER = {"id": ORDER_ID, "customer_id": CUSTOMER_ID, "status": "reserved"}


def page(*events: dict[str, Any], link: str = "") -> Response:
    lines = "".join(json.dumps(event) + "\n" for event in events)
    headers = {"Sihe-Position": "40", **({"Link": link} if link else {})}
    return Response(lines, headers=headers, content_type="application/x-ndjson")


def told(id: str, causation: str, second: int, follows: str | None = None) -> dict[str, Any]:  # noqa: A002
    return {
        "position": int(id.rpartition("-")[2]), "id": id, "type": "some.Thing.Happened", "aggregate": str(uuid4()),
        "aggregate_type": "some.Thing", "version": 1, "recorded_at": f"2026-01-01T00:01:{second:02}Z",
        "effective_on": "1996-07-04", "actor": "anna", "correlation": STORY, "causation": causation,
        "follows": follows, "data": {"secret": 1},
    }  # fmt: skip


def at(answer: Any, position: int) -> Response:
    return Response(json.dumps(answer), headers={"Sihe-Position": str(position)}, content_type="application/json")


def an_order_everywhere(here: Any) -> None:
    crm, srm, scm, erp = (here.services[name].answers for name in ("crm", "srm", "scm", "erp"))
    crm[f"/sales-orders/{ORDER_ID}"] = at(ORDER, 41)
    scm["/shipments"] = at({"data": [{"id": "s1"}]}, 42)
    erp["/invoices"] = at({"data": [{"id": "i1"}]}, 43)
    erp[f"/credit/{CUSTOMER_ID}"] = at({"available": "7"}, 43)
    srm["/purchase-requests"] = at({"data": [{"id": "p1"}]}, 44)
    drafted = told("crm:c-1", "command:1", 1)
    crm[f"/audit/events?aggregate={ORDER_ID}&limit=1"] = page(drafted)
    log = f"/audit/events?correlation={STORY}&after="
    onwards = f'</api/v1/crm/audit/events?correlation={STORY}&after=1>; rel="next"'
    crm[f"{log}0"] = page(drafted, link=onwards)
    crm[f"{log}1"] = page(told("crm:c-2", "command:2", 2, follows="crm:c-1"))
    scm[f"{log}0"] = page(told("scm:s-5", "crm:c-2", 3))
    srm[f"{log}0"] = page(told("srm:r-6", "scm:s-5", 4))
    erp[f"{log}0"] = page(told("erp:e-7", "crm:c-2", 3))


def tree(node: dict[str, Any]) -> Any:
    return [node["id"], *(tree(child) for child in node["children"])]


def test_an_order_is_shown_as_all_four_services_see_it(house: Any) -> None:
    here = house()
    an_order_everywhere(here)
    view = here.browser.get(f"/api/v1/views/orders/{ORDER_ID}").json
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
        f"correlation:{STORY}",
        ["command:1", ["crm:c-1", ["command:2", ["crm:c-2", ["erp:e-7"], ["scm:s-5", ["srm:r-6"]]]]]],
    ]
    assert "secret" not in json.dumps(view)


def test_who_sees_only_his_own_asks_so_and_sees_nothing_of_a_service_that_is_closed_to_him(house: Any) -> None:
    here = house()
    an_order_everywhere(here)
    log = f"/audit/events?aggregate={ORDER_ID}&limit=1"
    here.services["crm"].answers[log] = Response("{}", 403)
    for name in ("scm", "srm", "erp"):
        here.services[name].answers = Closed()
    told = here.create_key("representative", person="anna").get(f"/api/v1/views/orders/{ORDER_ID}")
    assert told.json == {
        "order": ORDER, "sources": {"crm": {"ok": True, "position": 41}},
        **dict.fromkeys(("shipments", "invoices", "credit", "purchase_requests", "correlation_tree")),
    }  # fmt: skip
    verifiers = {name: TokenVerifier.from_file(here.home / "keys" / "jwks.json", name) for name in here.services}
    asked = [
        verifiers[name].verify(each.headers["Authorization"].removeprefix("Bearer "))
        for name, stand in here.services.items()
        for each in stand.requests
    ]
    assert len(asked) == 6
    assert all(each.only_own for each in asked)
    assert {(each.actor, each.on_behalf_of) for each in asked} == {("anna", None), ("gateway", "anna")}


def test_nothing_leads_from_a_customer_to_what_is_closed(house: Any) -> None:
    here = house()
    a_customer_everywhere(here)
    for name in ("scm", "erp"):
        here.services[name].answers = Closed()
    view = here.create_key("representative").get(f"/api/v1/views/customers/{CUSTOMER_ID}").json
    assert (view["customer"]["name"], view["orders"], view["credit"]) == ("Alfreds", [ORDER], None)
    assert view["more"].keys() == {"orders", "timeline"}
    assert view["sources"].keys() == {"crm"}


class Closed(dict[str, Any]):
    """Whatever is asked, it is not for whoever asks."""

    def get(self, *_: Any) -> Response:
        return Response("{}", 403, content_type="application/problem+json")


def test_each_list_of_an_order_is_asked_once_with_a_filter(house: Any) -> None:
    here = house()
    an_order_everywhere(here)
    here.browser.get(f"/api/v1/views/orders/{ORDER_ID}")
    asked = [each.full_path for each in here.services["scm"].requests if each.path == "/shipments"]
    assert asked == [f"/shipments?sales_order_id={ORDER_ID}&limit=200"]


def test_the_story_is_read_by_the_gateway_on_behalf_of_whoever_asks(house: Any) -> None:
    here = house()
    an_order_everywhere(here)
    here.create_key("sales", person="anna").get(f"/api/v1/views/orders/{ORDER_ID}")
    verifier = TokenVerifier.from_file(here.home / "keys" / "jwks.json", "scm")
    readers = {}
    for asked in here.services["scm"].requests:
        identity = verifier.verify(asked.headers["Authorization"].removeprefix("Bearer "))
        readers[asked.path] = (identity.actor, identity.roles, identity.on_behalf_of)
    assert readers == {
        "/shipments": ("anna", ("sales",), None), "/audit/events": ("gateway", ("auditor",), "anna")
    }  # fmt: skip


def test_what_a_silent_service_knows_is_null_and_the_service_is_named(house: Any) -> None:
    here = house(without={"srm"})
    an_order_everywhere(here)
    answer = here.browser.get(f"/api/v1/views/orders/{ORDER_ID}")
    view = answer.json
    assert answer.status_code == 200
    assert view["purchase_requests"] is None
    assert (view["order"], view["shipments"], view["credit"]) == (ORDER, [{"id": "s1"}], {"available": "7"})
    assert view["sources"]["srm"] == {"ok": False, "position": None}
    assert view["sources"]["scm"]["ok"]
    assert view["correlation_tree"]["events"] == 4


def test_a_service_that_did_not_answer_is_not_waited_for_again(house: Any) -> None:
    here = house()
    an_order_everywhere(here)
    here.services["erp"].answers["/invoices"] = Response("{}", 503)
    here.browser.get(f"/api/v1/views/orders/{ORDER_ID}")
    assert [each.path for each in here.services["erp"].requests] == ["/invoices"]


def test_without_crm_the_others_parts_are_still_shown(house: Any) -> None:
    here = house(without={"crm"})
    an_order_everywhere(here)
    view = here.browser.get(f"/api/v1/views/orders/{ORDER_ID}").json
    assert (view["order"], view["credit"], view["correlation_tree"]) == (None, None, None)
    assert (view["shipments"], view["invoices"]) == ([{"id": "s1"}], [{"id": "i1"}])
    assert view["sources"]["crm"] == {"ok": False, "position": None}


def test_an_order_nobody_knows_is_not_there(house: Any) -> None:
    here = house()
    assert here.browser.get(f"/api/v1/views/orders/{uuid4()}").status_code == 404
    assert here.browser.get("/api/v1/views/orders/nonsense").status_code == 404
    assert here.browser.get(f"/api/v1/views/customers/{uuid4()}").status_code == 404


def test_credit_that_nobody_knows_yet_is_null_and_nobody_is_silent(house: Any) -> None:
    here = house()
    an_order_everywhere(here)
    del here.services["erp"].answers[f"/credit/{CUSTOMER_ID}"]
    view = here.browser.get(f"/api/v1/views/orders/{ORDER_ID}").json
    assert (view["credit"], view["sources"]["erp"]["ok"]) == (None, True)


def a_customer_everywhere(here: Any) -> None:
    crm, scm, erp = (here.services[name].answers for name in ("crm", "scm", "erp"))
    crm[f"/customers/{CUSTOMER_ID}"] = at({"id": CUSTOMER_ID, "name": "Alfreds"}, 9)
    crm[f"/customers/{CUSTOMER_ID}/timeline"] = at({"data": [{"what": "ordered"}]}, 9)
    crm["/sales-orders"] = at({"data": [ORDER]}, 9)
    scm["/shipments"] = at({"data": [{"id": "s1"}]}, 8)
    erp["/invoices"] = at({"data": [{"id": "i1"}]}, 7)
    erp[f"/credit/{CUSTOMER_ID}"] = at({"available": "7"}, 7)


def test_a_customer_is_shown_with_what_is_newest_of_everything(house: Any) -> None:
    here = house()
    a_customer_everywhere(here)
    view = here.browser.get(f"/api/v1/views/customers/{CUSTOMER_ID}").json
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
    assert here.browser.get(more["invoices"]).json == {"data": [{"id": "i1"}]}


def test_a_customer_without_erp_has_no_credit_and_no_invoices_to_show(house: Any) -> None:
    here = house(without={"erp"})
    a_customer_everywhere(here)
    answer = here.browser.get(f"/api/v1/views/customers/{CUSTOMER_ID}")
    assert (answer.status_code, answer.json["credit"], answer.json["invoices"]) == (200, None, None)
    assert (answer.json["orders"], answer.json["sources"]["erp"]["ok"]) == ([ORDER], False)
