"""What the services offer and what the table lets out are the same: nothing forgotten, nothing promised in vain."""

import re
from importlib import import_module

import pytest
from flask import Flask

from gateway.routes import ROUTES


def shape(name: str) -> str:
    return re.sub(r"[<{][^>}]*[>}]", "{}", name)


@pytest.mark.parametrize("service", ["crm", "srm", "scm", "erp"])
def test_every_resource_of_a_service_is_in_the_table_and_every_row_is_served(service: str) -> None:
    app = Flask(service, static_folder=None)
    for resource in import_module(f"services.{service}.main").RESOURCES:
        app.register_blueprint(resource)
    offered = {
        shape(f"{method} {service}{rule.rule}")
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert offered == {shape(name) for name, route in ROUTES.items() if route.service == service}
