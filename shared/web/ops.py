"""Endpoints for operators, reached through the gateway: the position of the log, and parked messages."""

from typing import Any, ClassVar

from flask import Blueprint, Response, g, request

from shared.openapi.shapes import COUNT, ID, INSTANT, TEXT, Doc, object_schema
from shared.store import ParkedEntry
from shared.web import fields
from shared.web.commands import make_command_view
from shared.web.declared import accepts
from shared.web.problems import ProblemError
from shared.web.replies import Reply, current_service, json_reply, to_response
from shared.web.schema import Schema

ops = Blueprint("ops", __name__)

POSITION_PREFERENCE = "position"
POSITION_HEADER = "Sihe-Position"
CHANGE_ROLE = "admin"
READ_ROLES = frozenset({CHANGE_ROLE, "auditor"})


@ops.before_app_request
def record_position_for_reply() -> None:
    """With `Prefer: position`, record the position of the log; the response includes all events up to it."""
    if request.environ.get("HTTP_PREFER") == POSITION_PREFERENCE and "caller" in g:
        g.position = current_service().store.head()


@ops.after_app_request
def add_position_header(response: Response) -> Response:
    """Add the recorded position as `Sihe-Position`, if it was requested."""
    if "position" in g:
        response.headers[POSITION_HEADER] = str(g.position)
    return response


@ops.get("/parked")
def parked() -> Response:
    """Parked messages, which could not be applied, in order and with their errors."""
    _require_role(READ_ROLES)
    return to_response(json_reply({"data": list(map(_parked_row, current_service().parked_messages.entries()))}))


@ops.post("/parked/<source>/retry")
def retry(source: str) -> Response:
    """Apply the parked messages of one source, in order. 200 with the numbers applied and still parked."""
    _require_role({CHANGE_ROLE})
    applied = current_service().parked_messages.redrive(source)
    waiting = sum(each.message.source == source for each in current_service().parked_messages.entries())
    return to_response(json_reply({"applied": applied, "parked": waiting}))


class Discard(Schema):
    """Request to discard a parked message, with the reason; the message stays in the log."""

    example: ClassVar = {"reason": "The order was entered by hand instead"}
    reason = fields.Text(required=True, max=500, multiline=True)


@accepts(Discard)
def _discard(source: str, sequence: int, body: dict[str, Any]) -> Reply:
    """Discard one parked message: it is never applied. 404 if it is not parked."""
    _require_role({CHANGE_ROLE})
    current_service().parked_messages.discard(source, sequence, body["reason"])
    return json_reply({"source": source, "sequence": sequence, "status": "discarded"})


_discard_view = make_command_view(_discard, is_version_required=False)
ops.add_url_rule("/parked/<source>/<int:sequence>/discard", "discard", _discard_view, methods=["POST"])


PARKED_ROW: Doc = object_schema(
    {
        "source": TEXT, "sequence": COUNT, "id": TEXT, "type": TEXT, "aggregate": ID, "error": TEXT,
        "fingerprint": TEXT, "attempts": COUNT, "parked_at": INSTANT,
    }
)  # fmt: skip
REDRIVEN: Doc = object_schema({"applied": COUNT, "parked": COUNT})
DISCARDED: Doc = object_schema({"source": TEXT, "sequence": COUNT, "status": {"const": "discarded"}})
"""The schemas of a parked message, and of the answers to its commands."""


def _require_role(roles: frozenset[str] | set[str]) -> None:
    if roles.isdisjoint(g.caller.roles):
        raise ProblemError(403, "forbidden", f"Required role: {' or '.join(sorted(roles))}.")


def _parked_row(parked: ParkedEntry) -> dict[str, Any]:
    message = {name: getattr(parked.message, name) for name in ("source", "sequence", "id", "type", "aggregate")}
    return message | {name: getattr(parked, name) for name in ("error", "fingerprint", "attempts", "parked_at")}
