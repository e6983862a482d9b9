"""What the services offer and what the table lets out are the same: nothing forgotten, nothing promised in vain."""

import re
from importlib import import_module
from typing import Any

import pytest
from flask import Flask

from gateway.access.roles import OWN_RECORDS_ONLY
from gateway.routes import OWN_SERVICE, ROUTES
from shared.web.app import resources_of_modules
from shared.web.resource import HAS_OWNER


def shape(name: str) -> str:
    return re.sub(r"[<{][^>}]*[>}]", "{}", name)


@pytest.mark.parametrize("service", ["crm", "srm", "scm", "erp"])
def test_every_resource_of_a_service_is_in_the_table_and_every_row_is_served(service: str) -> None:
    assert set(views_of(service)) == {shape(name) for name, route in ROUTES.items() if route.service == service}


def test_what_is_open_to_who_sees_only_his_own_says_whose_it_is() -> None:
    """One that does not would be closed by its service: it belongs neither in the table nor out of the tests."""
    rows = [each for each in ROUTES.values() if not OWN_RECORDS_ONLY.isdisjoint(each.roles)]
    views = {name: view for service in ("crm", "srm", "scm", "erp") for name, view in views_of(service).items()}
    silent = [each.name for each in rows if not getattr(views.get(shape(each.name)), HAS_OWNER, False)]
    assert silent == [each.name for each in rows if each.service == OWN_SERVICE and each.path.startswith("views/")]
    assert len(rows) > 15


def views_of(service: str) -> dict[str, Any]:
    """What answers each public name of a service."""
    app = Flask(service, static_folder=None)
    service_class = getattr(import_module(f"services.{service}.service"), service.capitalize())
    for resource in resources_of_modules(service_class):
        app.register_blueprint(resource)
    return {
        shape(f"{method} {service}{rule.rule}"): app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
