"""Endpoints of access keys: administrators issue and revoke; each person accepts and rotates their own."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from flask import Response, g, request

from gateway.access.access_key import AccessKey
from gateway.access.application import IssueKey
from gateway.access.roles import ROLES, roles_with
from gateway.components import current_components
from gateway.view_descriptions import describe
from shared.codec import decode_untyped, encode
from shared.domain import AccessDenied, NotFound
from shared.openapi.shapes import list_schema, object_schema
from shared.web import Reply, accepts, fields, json_reply
from shared.web.commands import NoFields, make_command_view
from shared.web.declared import schema_of
from shared.web.query_parameters import parse_query_by_schema
from shared.web.replies import to_response

KEYS_PATH = "/api/v1/access/keys"
TIME_COLUMNS = ("expires_at", "created_at", "updated_at")


def list_keys() -> Response:
    """List all keys, the oldest first, without secrets."""
    parse_query_by_schema(NoFields())
    data = [_row(key) for key in current_components().keyring.list_keys()]
    return to_response(json_reply({"data": data, "has_more": False, "next_cursor": None}))


def show_key(key_id: UUID) -> Response:
    """Return the current state of one key, without its secret."""
    parse_query_by_schema(NoFields())
    key = current_components().keyring.get(key_id)
    return to_response(Reply(200, {"ETag": f'"{key.version}"'}, encode(_row(key))))


@accepts(IssueKey)
def _issue(body: IssueKey) -> Reply:
    """Issue a key. 201 with its secret, which is returned only once; 409 if the name was used for a key before.

    A key for a person who has a valid key is pending, without a secret, until the person accepts it.
    403 if administrators issue a key for themselves: another administrator must issue it (four eyes).
    """
    key, secret = current_components().access.keys.issue(body)
    if secret:
        g.secret = secret
    return _key_reply(key, 201, {"Location": f"{KEYS_PATH}/{key.id}"})


def _accept(key_id: UUID) -> Reply:
    """Accept a pending key that was issued for you. Its secret is returned only once. 403 for a key of another."""
    key, g.secret = _of_caller(current_components().access.keys.accept, key_id)
    return _key_reply(key)


def _rotate(key_id: UUID) -> Reply:
    """Replace the secret of your own key. The new secret is returned only once; the old one is invalid at once.

    403 for a key of another person: administrators revoke it and issue another one.
    """
    key, g.secret = _of_caller(current_components().access.keys.rotate, key_id)
    return _key_reply(key)


def _of_caller(command: Callable[[UUID], tuple[AccessKey, str]], key_id: UUID) -> tuple[AccessKey, str]:
    """Run a command on a key of the caller. Callers who may not read keys do not learn which ones exist."""
    try:
        return command(key_id)
    except AccessDenied:
        if roles_with("gateway.access:read").isdisjoint(g.caller.roles):
            raise NotFound(AccessKey, key_id) from None
        raise


def _revoke(key_id: UUID) -> Reply:
    """Revoke a key: it is refused from now on. 409 if it is revoked already."""
    return _key_reply(current_components().access.keys.revoke(key_id))


def _row(key: AccessKey) -> dict[str, Any]:
    return _resource(key) | {"created_at": key.created_on, "updated_at": key.modified_on}


def _resource(key: AccessKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "version": key.version,
        "name": key.name,
        "person": key.person,
        "roles": key.roles,
        "expires_at": key.expires_at,
        "status": key.status,
        "issued_by": key.issued_by,
    }


def _key_reply(key: AccessKey, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, {"ETag": f'"{key.version}"', **(headers or {})}, encode(_resource(key)))


def _command(view: Callable[..., Reply]) -> Callable[..., Response]:
    """Return the view as an idempotent command. Its stored response has no secret: a repeated request with the same
    Idempotency-Key does not return it, nor does a concurrent one that was second."""
    perform = make_command_view(view, is_version_required=False)

    def perform_once(**path: Any) -> Response:
        request.environ.setdefault("HTTP_IDEMPOTENCY_KEY", uuid4().hex)
        response = perform(**path)
        if "secret" in g and current_components().keyring.caller_of(g.secret):
            response.set_data(encode({**decode_untyped(response.get_data()), "secret": g.secret}))
        return response

    perform_once.__doc__, perform_once.__name__ = view.__doc__, view.__name__.strip("_")
    return perform_once


NO_CURSOR = {"type": "null"}
KEY_SCHEMA = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in ("name", "status", "secret")},
        "id": fields.Id.shape,
        "version": {"type": "integer"},
        **{name: {"type": ["string", "null"]} for name in ("person", "issued_by")},
        "roles": {"type": "array", "items": {"type": "string", "enum": list(ROLES)}},
        **{name: {"type": ["string", "null"], "format": "date-time"} for name in TIME_COLUMNS},
    },
    "required": ["id", "version", "name", "person", "roles", "expires_at", "status", "issued_by"],
    "additionalProperties": False,
}

issue_key = describe(
    _command(_issue),
    body=schema_of(IssueKey),
    status="201",
    command="keys.issue",
    schema=KEY_SCHEMA,
    idempotency_key=False,
)
accept_key = describe(_command(_accept), command="keys.accept", schema=KEY_SCHEMA, idempotency_key=False)
rotate_key = describe(_command(_rotate), command="keys.rotate", schema=KEY_SCHEMA, idempotency_key=False)
revoke_key = describe(_command(_revoke), command="keys.revoke", schema=KEY_SCHEMA, idempotency_key=False)
describe(show_key, schema=KEY_SCHEMA, has_version=True)
describe(
    list_keys,
    schema=object_schema({"data": list_schema(KEY_SCHEMA), "has_more": {"const": False}, "next_cursor": NO_CURSOR}),
)
