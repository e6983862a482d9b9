"""The part of the public surface that the resources of the services declare, for the gateway.

`make docs` writes it to gateway/surface.json; rows are path, methods, roles that may read, roles that may change.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Flask

COMMAND_METHODS = ("POST", "PATCH")
DERIVED_PATHS = "/batch"


def page(modules: Iterable[tuple[str, Any]]) -> str:
    """Return the rows of every resource that declares `read` or `write` roles, as JSON."""
    rows = sorted(row for service, module in modules for each in module.resources for row in _rows(service, each))
    return "[\n" + ",\n".join(f" {json.dumps(row)}" for row in rows) + "\n]\n" if rows else "[]\n"


def _rows(service: str, resource: Any) -> Iterator[tuple[str, str, str, str]]:
    if not (resource.read_roles or resource.write_roles):
        return
    app = Flask(service, static_folder=None)
    app.register_blueprint(resource)
    for path, methods in _methods_by_path(app).items():
        writes = resource.write_roles if set(methods).intersection(COMMAND_METHODS) else ""
        yield f"{service}{path}", " ".join(sorted(methods)), resource.read_roles if "GET" in methods else "", writes


def _methods_by_path(app: Flask) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        if not rule.rule.endswith(DERIVED_PATHS):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            found.setdefault(path, set()).update((rule.methods or set()) - {"HEAD", "OPTIONS"})
    return found
