"""What the caller's key allows, made from its roles and the operations of the API description."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, g, request

from gateway.authentication import secret_of
from gateway.components import current_components
from gateway.operation_roles import OWN_EXTENSION, ROLES_EXTENSION
from gateway.view_descriptions import describe
from shared.codec import encode
from shared.fields import describe_field, words_for
from shared.openapi.shapes import FLAG, TEXT, Doc, list_schema, map_schema, nullable, object_schema
from shared.web.commands import NoFields
from shared.web.described import COMMAND, REPORT, RESOURCE
from shared.web.query_parameters import parse_query_by_schema
from shared.web.replies import JSON


def show_me() -> Response:
    """Return who the caller is and what the caller's roles allow: lists, commands and reports."""
    parse_query_by_schema(NoFields())
    description = current_components().documents.description()
    roles = frozenset(g.caller.roles)
    operations = [*_allowed(description.document, roles)]
    content = {
        "actor": g.caller.actor,
        "person": _person_or_none(),
        "roles": sorted(roles),
        "via": "key",
        "may": _resources(operations, roles),
        "reports": sorted({_name_of(path) for path, each in operations if REPORT in each}),
        "document": description.page.digest,
    }
    return Response(encode(content), content_type=JSON)


def _person_or_none() -> Doc | None:
    """Return the person who works with the key; none for a program and for the key of the first administrator."""
    secret = secret_of(request.environ.get("HTTP_AUTHORIZATION"))
    key = current_components().keyring.valid_key(secret) if secret else None
    return {"handle": key.person} if key and key.person else None


def _allowed(document: Mapping[str, Any], roles: frozenset[str]) -> Iterator[tuple[str, Doc]]:
    """Yield path and operation of what these roles may do."""
    for path, item in document["paths"].items():
        for operation in item.values():
            if roles.intersection(operation.get(ROLES_EXTENSION, ())):
                yield path, operation


def _resources(operations: list[tuple[str, Doc]], roles: frozenset[str]) -> dict[str, Doc]:
    """Return for each resource whether its list may be read, whether only own records, and the allowed commands."""
    found: dict[str, Doc] = {}
    for _, each in operations:
        if RESOURCE in each:
            is_own = roles.issubset(each.get(OWN_EXTENSION, ()))
            _entry(found, each[RESOURCE]["name"]).update(read=True, own=is_own)
        if COMMAND in each:
            _entry(found, each[COMMAND]["of"])["commands"].append(each[COMMAND]["name"])
    return {name: each | {"commands": sorted(set(each["commands"]))} for name, each in sorted(found.items())}


def _entry(found: dict[str, Doc], name: str) -> Doc:
    return found.setdefault(name, {"read": False, "own": False, "commands": []})


def _name_of(path: str) -> str:
    """Return the name of a report: its service and the rest of its address."""
    _, _, _, service, *rest = path.split("/")
    return f"{service}.{'.'.join(rest)}"


MAY = object_schema({"read": FLAG, "own": FLAG, "commands": list_schema(TEXT)})
ME = object_schema(
    {
        "actor": TEXT,
        "person": nullable(object_schema({"handle": TEXT})),
        "roles": list_schema(TEXT),
        "via": {"type": "string", "enum": ["key"]},
        "may": map_schema(MAY, "What the roles allow, by resource."),
        "reports": {**list_schema(TEXT), **describe_field(words_for(__name__), "reports", "Me")},
        "document": TEXT,
    }
)
describe(show_me, schema=ME)
