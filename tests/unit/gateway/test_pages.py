"""Pages without authentication: health, readiness and the API description."""

from typing import Any

import pytest
from werkzeug.wrappers import Response


def test_the_gateway_is_alive_even_if_no_service_is_reachable(open_gateway: Any) -> None:
    gateway = open_gateway(without={"crm", "srm", "scm", "erp"})
    assert gateway.client.with_key(None).get("/healthz").json == {"status": "ok"}


def test_the_gateway_is_ready_when_every_service_is_ready(open_gateway: Any, capsys: Any) -> None:
    gateway = open_gateway()
    for service in gateway.services.values():
        service.responses["/readyz"] = {"status": "ready"}
    assert gateway.client.with_key(None).get("/readyz").json == {"status": "ready"}
    gateway.services["scm"].responses["/readyz"] = Response("{}", 503)
    capsys.readouterr()
    not_ready = gateway.client.with_key(None).get("/readyz")
    assert (not_ready.status_code, not_ready.json["detail"]) == (503, "Not ready: scm.")
    assert '"level": "error"' not in capsys.readouterr().err, "every start would look like a failure"


def test_the_gateway_itself_is_ready_without_the_services(open_gateway: Any) -> None:
    gateway = open_gateway(without={"crm", "srm", "scm", "erp"})
    assert gateway.client.with_key(None).get("/readyz/self").json == {"status": "ready"}
    assert gateway.client.with_key(None).get("/readyz").status_code == 503


def test_an_unreachable_service_is_not_ready(open_gateway: Any) -> None:
    gateway = open_gateway(without={"erp"})
    for service in gateway.services.values():
        service.responses["/readyz"] = {"status": "ready"}
    assert gateway.client.get("/readyz").json["detail"] == "Not ready: erp."


def operation(ref: str) -> dict[str, Any]:
    return {
        "summary": "Sample operation.",
        "requestBody": {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{ref}"}}}},
        "responses": {"default": {"$ref": "#/components/responses/Problem"}},
    }


def test_the_document_of_all_services_describes_exactly_the_public_operations(open_gateway: Any) -> None:
    gateway = open_gateway()
    for name, service in gateway.services.items():
        service.responses["/openapi.json"] = {
            "paths": {
                "/customers": {"post": operation("Line"), "parameters": [{"name": "shared"}]},
                "/items": {"get": operation("Line"), "delete": operation("Line")},
                "/sales-orders/{order_id}/place": {"post": operation("Line")},
                "/events": {"get": operation("Line")},
            },
            "components": {"schemas": {"Line": {"title": name}}, "responses": {"Problem": {"description": "x"}}},
        }
    document = gateway.client.with_key(None).get("/openapi.json").json
    assert document["openapi"] == "3.1.0"
    service_operations = {
        path: sorted(item)
        for path, item in document["paths"].items()
        if path.startswith(("/api/v1/crm", "/api/v1/scm"))
    }
    assert service_operations == {
        "/api/v1/crm/customers": ["post"],
        "/api/v1/crm/sales-orders/{order_id}/place": ["post"],
        "/api/v1/scm/items": ["get"],
    }
    registered = document["paths"]["/api/v1/crm/customers"]["post"]
    body = registered["requestBody"]["content"]["application/json"]["schema"]
    assert (body, registered["tags"]) == ({"$ref": "#/components/schemas/crm.Line"}, ["crm"])
    assert registered["parameters"] == [{"name": "shared"}]
    assert registered["responses"]["default"] == {"$ref": "#/components/responses/common.Problem"}, (
        "as in every service"
    )
    assert document["components"]["schemas"]["crm.Line"] == {"title": "crm"}
    assert document["components"]["responses"]["common.Problem"] == {"description": "x"}
    assert set(document["paths"]["/api/v1/access/keys"]) == {"get", "post"}
    assert document["paths"]["/api/v1/views/orders/{order_id}"]["get"]["parameters"][0]["name"] == "order_id"


def test_the_document_is_cached_once_every_service_is_included(open_gateway: Any) -> None:
    gateway = open_gateway()
    for name in ("crm", "srm", "erp"):
        gateway.services[name].responses["/openapi.json"] = {"paths": {}}
    gateway.services["scm"].responses["/openapi.json"] = Response("{}", 503)
    gateway.client.get("/openapi.json")
    gateway.services["scm"].responses["/openapi.json"] = {"paths": {"/items": {"get": operation("Line")}}}
    assert "/api/v1/scm/items" in gateway.client.get("/openapi.json").json["paths"]
    gateway.client.get("/openapi.json")
    assert len(gateway.services["crm"].requests) == 2


def test_every_published_event_is_described(open_gateway: Any) -> None:
    document = open_gateway().client.with_key(None).get("/asyncapi.json").json
    channel = document["channels"]["crm.sales_order.placed.v1"]
    assert document["asyncapi"] == "3.0.0"
    assert channel["address"] == "evt.crm.sales_order.placed.{partition}"
    assert channel["description"].startswith("A sales order was placed.")
    placed = document["components"]["schemas"]["SalesOrderPlaced"]
    assert placed["properties"]["total"]["required"] == ["amount", "currency"]
    assert {name.split(".")[0] for name in document["channels"]} == {"crm", "srm", "scm", "erp"}
    assert document["operations"]["publish.crm.sales_order.placed.v1"]["action"] == "send"


def test_the_docs_page_has_no_foreign_and_no_inline_script(open_gateway: Any) -> None:
    client = open_gateway().client.with_key(None)
    page = client.get("/docs")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert "http" not in page.text
    assert page.text.count("<script") == page.text.count('<script src="/docs/')
    assert client.get("/docs/start.js").content_type.startswith("text/javascript")
    for own in ("swagger-ui.css", "swagger-ui-bundle.js"):
        asset = client.get(f"/docs/{own}")
        assert (asset.status_code, f"/docs/{own}" in page.text) == (200, True)
        asset.close()
    for missing in ("nothing.js", "swagger-ui.js", "LICENSE"):
        assert client.get(f"/docs/{missing}").status_code == 404


@pytest.mark.case("X25")
def test_the_docs_page_forbids_inline_scripts_and_styles(shared_gateway: Any) -> None:
    policy = shared_gateway.client.get("/docs").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    page = shared_gateway.client.get("/docs").text
    assert "style=" not in page
    assert "<style" not in page


@pytest.mark.case("E1")
@pytest.mark.parametrize("accept", ["text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"])
def test_a_browser_sees_a_first_page_that_leads_on(shared_gateway: Any, accept: str) -> None:
    client = shared_gateway.client.with_key(None)
    page = client.get("/", headers={"Accept": accept})
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    for link in ("/docs", "/openapi.json", "/readyz"):
        assert f'href="{link}"' in page.text
    for word in ("A first order", "admin.key", "Authorization: Bearer", "四合"):
        assert word in page.text


@pytest.mark.case("E1")
@pytest.mark.parametrize("accept", [None, "application/json", "*/*"])
def test_a_program_gets_the_addresses_as_json(shared_gateway: Any, accept: str | None) -> None:
    client = shared_gateway.client.with_key(None)
    answer = client.get("/", headers={"Accept": accept} if accept else {})
    assert answer.json["documentation"] == "/docs"
    for name in ("documentation", "asyncapi", "health"):
        assert client.get(answer.json[name]).status_code == 200
