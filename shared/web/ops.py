"""What whoever runs the suite asks a service through the gateway: how far it is, and what waits for a person."""

from typing import Any

from flask import Blueprint, Response, current_app, g, request

from shared.service import Service
from shared.store import Parked
from shared.web import fields
from shared.web.answers import Reply, answer, response
from shared.web.commands import command
from shared.web.problems import Problem
from shared.web.schema import Schema, accepts

ops = Blueprint("ops", __name__)

WISH = "position"
POSITION = "Sihe-Position"
MAY_CHANGE = "admin"
MAY_READ = frozenset({MAY_CHANGE, "auditor"})


@ops.before_app_request
def note_position() -> None:
    """With `Prefer: position` the answer says how far this log was when the question came; it shows all until there."""
    if request.environ.get("HTTP_PREFER") == WISH and "caller" in g:
        g.position = _service().store.head()


@ops.after_app_request
def tell_position(told: Response) -> Response:
    """The position in `Sihe-Position`, where it was asked for."""
    if "position" in g:
        told.headers[POSITION] = str(g.position)
    return told


@ops.get("/parked")
def parked() -> Response:
    """Messages that could not be applied, in order, and why."""
    _judge(MAY_READ)
    return response(answer({"data": [_told(each) for each in _service().parked()]}), _service())


@ops.post("/parked/<source>/retry")
def retry(source: str) -> Response:
    """Apply what is parked from one source, in order; how many went through and how many still wait."""
    _judge({MAY_CHANGE})
    applied = _service().redrive(source)
    waiting = sum(each.message.source == source for each in _service().parked())
    return response(answer({"applied": applied, "parked": waiting}), _service())


class Discard(Schema):
    """A person's decision, with the reason that stays in the log."""

    reason = fields.Text(required=True, max=500)


@accepts(Discard)
def _discard(source: str, sequence: int, body: dict[str, Any]) -> Reply:
    """Never apply one parked message. 404 if it is not parked."""
    _judge({MAY_CHANGE})
    _service().discard(source, sequence, body["reason"])
    return answer({"source": source, "sequence": sequence, "status": "discarded"})


ops.add_url_rule(
    "/parked/<source>/<int:sequence>/discard", "discard", command(_discard, version_needed=False), methods=["POST"]
)


def _service() -> Service:
    service: Service = current_app.extensions["service"]
    return service


def _judge(roles: frozenset[str] | set[str]) -> None:
    if roles.isdisjoint(g.caller.roles):
        raise Problem(403, "forbidden", "This is for those who run the suite.")


def _told(parked: Parked) -> dict[str, Any]:
    message = parked.message
    return {
        "source": message.source,
        "sequence": message.sequence,
        "id": message.id,
        "type": message.type,
        "aggregate": message.aggregate,
        "error": parked.error,
        "fingerprint": parked.fingerprint,
        "attempts": parked.attempts,
        "parked_at": parked.parked_at,
    }
