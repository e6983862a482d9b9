"""Roles in the API description: which may use an operation, and which of them only for their own records."""

from collections.abc import Iterator
from typing import Any

from gateway.access.roles import ROLES, Role
from gateway.routes import Route

ROLES_EXTENSION, OWN_EXTENSION = "x-sihe-roles", "x-sihe-own"

Doc = dict[str, Any]


def with_roles(operation: Doc, route: Route) -> Doc:
    """Return the operation of a route with its roles, for programs and in a sentence of its description."""
    roles = [each for each in ROLES if each in route.roles]
    own = [each for each in roles if route.is_limited_to_own([each])]
    texts = [operation.get("description", ""), f"Roles: {', '.join(_named(roles, own))}."]
    described = {"description": "\n\n".join(filter(None, texts)), ROLES_EXTENSION: roles}
    return operation | described | ({OWN_EXTENSION: own} if own else {})


def _named(roles: list[Role], own: list[Role]) -> Iterator[str]:
    for each in roles:
        yield f"{each} (only their own records)" if each in own else each
