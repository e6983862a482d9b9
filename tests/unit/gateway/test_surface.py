"""The public endpoints of the services and the routes of the table are the same."""

import re
from importlib import import_module
from typing import Any

import pytest
from flask import Flask

from gateway.access.roles import unlimited_roles_with
from gateway.routes import OWN_SERVICE, ROUTES
from shared.web.app import resources_of_modules
from shared.web.resource import HAS_OWNER


def shape(name: str) -> str:
    return re.sub(r"[<{][^>}]*[>}]", "{}", name)


@pytest.mark.parametrize("service", ["crm", "srm", "scm", "erp"])
def test_every_endpoint_of_a_service_has_a_route_and_every_route_an_endpoint(service: str) -> None:
    assert set(views_of(service)) == {shape(name) for name, route in ROUTES.items() if route.service == service}


def test_every_route_limited_to_own_records_declares_an_owner() -> None:
    """A service refuses callers limited to own records at an endpoint without an owner; no route may lead to one."""
    rows = [each for each in ROUTES.values() if each.roles - unlimited_roles_with(each.permission)]
    views = {name: view for service in ("crm", "srm", "scm", "erp") for name, view in views_of(service).items()}
    without_owner = [each.name for each in rows if not getattr(views.get(shape(each.name)), HAS_OWNER, False)]
    assert without_owner == [
        each.name for each in rows if each.service == OWN_SERVICE and each.path.startswith("views/")
    ]
    assert len(rows) > 15


def views_of(service: str) -> dict[str, Any]:
    """Return the view function of each endpoint of a service by method and path."""
    app = Flask(service, static_folder=None)
    service_class = getattr(import_module(f"services.{service}.service"), service.capitalize())
    for resource in resources_of_modules(service_class):
        app.register_blueprint(resource)
    return {
        shape(f"{method} {service}{rule.rule}"): app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
