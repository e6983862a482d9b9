"""The public surface of the services, from what their resources declare.

`make docs` writes it to gateway/surface.json, which the gateway reads, and to docs/surface.md for people. A row is a
method, a path, the permission it needs, and the kind of its body.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Flask

from gateway.access.roles import ROLES, roles_with
from shared.web.body_limits import BodyKind

DERIVED_PATHS = "/batch"

Row = tuple[str, str, str, BodyKind]


def rows(resources: Iterable[tuple[str, str, Any]]) -> list[Row]:
    """Return the rows of these resources, given as service, module and resource, in the order of their paths."""
    found = [row for service, module, each in resources for row in _rows(service, module, each)]
    return sorted(found, key=lambda row: (row[1], row[0]))


def _rows(service: str, module: str, resource: Any) -> Iterator[Row]:
    app = Flask(service, static_folder=None)
    app.register_blueprint(resource)
    for rule in app.url_map.iter_rules():
        if not rule.rule.endswith(DERIVED_PATHS):
            path = _with_plain_variables(rule.rule)
            (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            verb, kind = resource.access_of(app.view_functions[rule.endpoint])
            yield method, f"{service}{path}", f"{service}.{module}:{verb}", kind


def _with_plain_variables(rule: str) -> str:
    """Return a rule as a public path; the services check the ids in it."""
    names = iter(range(9))
    return re.sub(r"<(?:uuid:)?(\w+)>", lambda name: f"{{{_plain(name[1], next(names))}}}", rule)


def _plain(name: str, place: int) -> str:
    return name if not name.endswith("_id") else name.removesuffix("_id") if place else "id"


def as_json(found: list[Row]) -> str:
    """Return the rows for the gateway."""
    return "[\n" + ",\n".join(f" {json.dumps(row)}" for row in found) + "\n]\n"


def as_page(found: list[Row], generated: str) -> str:
    """Return the rows for people, with the roles that have each permission."""
    lines = ["# Public routes", generated, "Roles are sets of permissions (`gateway/access/roles.py`).", ""]
    lines += ["| route | permission | roles |", "|---|---|---|"]
    for method, path, permission, _ in found:
        roles = ", ".join(role for role in ROLES if role in roles_with(permission))
        lines.append(f"| `{method} {path}` | `{permission}` | {roles} |")
    return "\n".join(lines) + "\n"
