"""What anybody may ask: is it alive, is it ready, what can be asked."""

from typing import Any

from werkzeug.wrappers import Response


def test_the_gateway_lives_even_when_nobody_else_does(house: Any) -> None:
    here = house(without={"crm", "srm", "scm", "erp"})
    assert here.browser.with_key(None).get("/healthz").json == {"status": "ok"}


def test_ready_is_when_every_service_can_write(house: Any) -> None:
    here = house()
    for service in here.services.values():
        service.answers["/readyz"] = {"status": "ready"}
    assert here.browser.with_key(None).get("/readyz").json == {"status": "ready"}
    here.services["scm"].answers["/readyz"] = Response("{}", 503)
    waiting = here.browser.with_key(None).get("/readyz")
    assert (waiting.status_code, waiting.json["detail"]) == (503, "Not ready: scm.")


def test_a_silent_service_is_not_ready(house: Any) -> None:
    here = house(without={"erp"})
    for service in here.services.values():
        service.answers["/readyz"] = {"status": "ready"}
    assert here.browser.get("/readyz").json["detail"] == "Not ready: erp."


def operation(ref: str) -> dict[str, Any]:
    return {
        "summary": "As told.",
        "requestBody": {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{ref}"}}}},
        "responses": {"default": {"$ref": "#/components/responses/Problem"}},
    }


def test_one_document_of_all_services_shows_what_is_public_and_nothing_else(house: Any) -> None:
    here = house()
    for name, service in here.services.items():
        service.answers["/openapi.json"] = {
            "paths": {
                "/customers": {"post": operation("Line"), "parameters": [{"name": "shared"}]},
                "/items": {"get": operation("Line"), "delete": operation("Line")},
                "/sales-orders/{order_id}/place": {"post": operation("Line")},
                "/events": {"get": operation("Line")},
            },
            "components": {"schemas": {"Line": {"title": name}}, "responses": {"Problem": {"description": "x"}}},
        }
    told = here.browser.with_key(None).get("/openapi.json").json
    assert told["openapi"] == "3.1.0"
    of_services = {
        path: sorted(item) for path, item in told["paths"].items() if path.startswith(("/api/v1/crm", "/api/v1/scm"))
    }
    assert of_services == {
        "/api/v1/crm/customers": ["post"],
        "/api/v1/crm/sales-orders/{order_id}/place": ["post"],
        "/api/v1/scm/items": ["get"],
    }
    registered = told["paths"]["/api/v1/crm/customers"]["post"]
    body = registered["requestBody"]["content"]["application/json"]["schema"]
    assert (body, registered["tags"]) == ({"$ref": "#/components/schemas/crm.Line"}, ["crm"])
    assert registered["parameters"] == [{"name": "shared"}]
    assert registered["responses"]["default"] == {"$ref": "#/components/responses/crm.Problem"}
    assert told["components"]["schemas"]["crm.Line"] == {"title": "crm"}
    assert "crm.Problem" in told["components"]["responses"]
    assert set(told["paths"]["/api/v1/access/keys"]) == {"get", "post"}
    assert told["paths"]["/api/v1/views/orders/{order_id}"]["get"]["parameters"][0]["name"] == "order_id"


def test_the_document_waits_for_a_silent_service_and_is_then_kept(house: Any) -> None:
    here = house()
    for name in ("crm", "srm", "erp"):
        here.services[name].answers["/openapi.json"] = {"paths": {}}
    here.services["scm"].answers["/openapi.json"] = Response("{}", 503)
    here.browser.get("/openapi.json")
    here.services["scm"].answers["/openapi.json"] = {"paths": {"/items": {"get": operation("Line")}}}
    assert "/api/v1/scm/items" in here.browser.get("/openapi.json").json["paths"]
    here.browser.get("/openapi.json")
    assert len(here.services["crm"].requests) == 2


def test_every_published_event_is_told_with_its_meaning(house: Any) -> None:
    document = house().browser.with_key(None).get("/asyncapi.json").json
    channel = document["channels"]["crm.sales_order.placed.v1"]
    assert document["asyncapi"] == "3.0.0"
    assert channel["address"] == "evt.crm.sales_order.placed.{partition}"
    assert channel["description"].startswith("A sales order was placed.")
    placed = document["components"]["schemas"]["SalesOrderPlaced"]
    assert placed["properties"]["total"]["required"] == ["amount", "currency"]
    assert {name.split(".")[0] for name in document["channels"]} == {"crm", "srm", "scm", "erp"}
    assert document["operations"]["publish.crm.sales_order.placed.v1"]["action"] == "send"


def test_the_docs_have_no_script_of_others_and_none_in_the_page(house: Any) -> None:
    browser = house().browser.with_key(None)
    page = browser.get("/docs")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert "http" not in page.text
    assert page.text.count("<script") == page.text.count('<script src="/docs/')
    assert browser.get("/docs/start.js").content_type.startswith("text/javascript")
    for own in ("swagger-ui.css", "swagger-ui-bundle.js"):
        asset = browser.get(f"/docs/{own}")
        assert (asset.status_code, f"/docs/{own}" in page.text) == (200, True)
        asset.close()
    for nothing in ("nothing.js", "swagger-ui.js", "LICENSE"):
        assert browser.get(f"/docs/{nothing}").status_code == 404
