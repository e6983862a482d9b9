"""Keys, for administrators: issue, rotate, revoke; auditors may look."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from flask import Response, g, request

from gateway.access.access_key import AccessKey
from gateway.access.roles import ROLES
from gateway.parts import parts
from gateway.telling import tells
from shared.codec import decode_plain, encode
from shared.web import Reply, Schema, accepts, answer, fields
from shared.web.answers import response
from shared.web.commands import command
from shared.web.lists import only

KEYS = "/api/v1/access/keys"
TIMES = ("expires_at", "created_at", "updated_at")


class IssueKey(Schema):
    """Whom the key is for and what it opens."""

    name = fields.Text(required=True, max=100)
    roles = fields.List(fields.OneOf(*ROLES), required=True, min=1)
    person = fields.Text(max=100, allow_none=True)
    expires_at = fields.Instant(allow_none=True)


def list_keys() -> Response:
    """All keys, the oldest first; no secrets."""
    only(request.args, ())
    data = [_row(key) for key in parts().keyring.all()]
    return _response(answer({"data": data, "has_more": False, "next_cursor": None}))


def show_key(key_id: UUID) -> Response:
    """One key as it now stands."""
    only(request.args, ())
    key = parts().keyring.one(key_id)
    return _response(Reply(200, {"ETag": f'"{key.version}"'}, encode(_row(key))))


@accepts(IssueKey)
def _issue(body: dict[str, Any]) -> Reply:
    """Issue a key. 201 with its secret, which is shown once; 409 if the name had a key before.

    403 to who asks for a key of his own: another administrator issues it.
    """
    key, g.secret = parts().access.issue_key(**body)
    return _changed(key, 201, {"Location": f"{KEYS}/{key.id}"})


def _rotate(key_id: UUID) -> Reply:
    """Another secret for the same key, shown once; the old one lets nobody in from now on."""
    key, g.secret = parts().access.rotate_key(key_id)
    return _changed(key)


def _revoke(key_id: UUID) -> Reply:
    """Let nobody in with this key any more. 409 if it is revoked already."""
    return _changed(parts().access.revoke_key(key_id))


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


def _changed(key: AccessKey, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, {"ETag": f'"{key.version}"', **(headers or {})}, encode(_resource(key)))


def _response(reply: Reply) -> Response:
    return response(reply, parts().access)


def _command(view: Callable[..., Reply]) -> Callable[..., Response]:
    """The view as a command. Its stored answer has no secret: whoever asks again with the same key sees none,
    nor does a twin whose attempt came second."""
    perform = command(view, version_needed=False)

    def once(**path: Any) -> Response:
        request.environ.setdefault("HTTP_IDEMPOTENCY_KEY", uuid4().hex)
        told = perform(**path)
        if "secret" in g and parts().keyring.caller(g.secret):
            told.set_data(encode({**decode_plain(told.get_data()), "secret": g.secret}))
        return told

    once.__doc__, once.__name__ = view.__doc__, view.__name__.strip("_")
    return once


KEY = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in ("name", "status", "secret")},
        "id": fields.Id.shape,
        "version": {"type": "integer"},
        **{name: {"type": ["string", "null"]} for name in ("person", "issued_by")},
        "roles": {"type": "array", "items": {"type": "string", "enum": list(ROLES)}},
        **{name: {"type": ["string", "null"], "format": "date-time"} for name in TIMES},
    },
    "required": ["id", "version", "name", "person", "roles", "expires_at", "status", "issued_by"],
    "additionalProperties": False,
}

issue_key = tells(_command(_issue), body=IssueKey, status="201", shape=KEY, key=False)
rotate_key = tells(_command(_rotate), shape=KEY, key=False)
revoke_key = tells(_command(_revoke), shape=KEY, key=False)
tells(show_key, shape=KEY)
tells(list_keys, shape={"type": "object", "properties": {"data": {"type": "array", "items": KEY}}})
