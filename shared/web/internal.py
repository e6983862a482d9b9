"""What every service answers beside its resources: is it alive, can it write, how fast is it, what happened in it."""

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, request

from shared.identity import GATEWAY
from shared.lines import line_of
from shared.service import Caller, Service
from shared.telemetry import figures
from shared.web import audit, fields
from shared.web.answers import JSON, public
from shared.web.lists import only
from shared.web.problems import Problem
from shared.web.schema import Schema

NDJSON = "application/x-ndjson"
READERS_OF_EVERYTHING = frozenset({"admin", "auditor"})
MOST_LINES = 1_000
OPEN = frozenset({"internal.healthz", "internal.readyz", "internal.metrics"})
"""What may be asked by anybody who reaches the service."""
FOR_PEERS = frozenset({"internal.events", "proofs.checkpoint"})
"""All that another service may ask for itself."""

internal = Blueprint("internal", __name__)


@internal.get("/healthz")
def healthz() -> Response:
    """The process lives."""
    return Response(b'{"status":"ok"}', content_type=JSON)


@internal.get("/readyz")
def readyz() -> Response:
    """The process can keep what it is told; 503 while it cannot."""
    asked_service().store.writable()
    return Response(b'{"status":"ready"}', content_type=JSON)


@internal.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus."""
    page, media_type = figures()
    return Response(page, content_type=media_type)


class FeedQuery(Schema):
    """Where a peer wants to go on."""

    after = fields.Whole(load_default=0)
    limit = fields.Whole(min=1, max=MOST_LINES, load_default=MOST_LINES)


@internal.get("/events")
def events() -> Response:
    """Published events after a position, a line each: for peers that missed some."""
    if g.issuer == GATEWAY:
        reads_everything(g.caller)
    asked = FeedQuery().judged(only(request.args, ("after", "limit")))
    messages = asked_service().store.published(asked["after"], asked["limit"])
    more = len(messages) == asked["limit"]
    return lines([line_of(each) for each in messages], messages[-1].sequence if more else None)


@internal.get("/audit/events")
def audit_events() -> Response:
    """Every stored event after a position, a line each, as it was stored."""
    reads_everything(g.caller)
    names = tuple(field.data_key or name for name, field in audit.AuditQuery().load_fields.items())
    page = audit.page(
        asked_service().store, asked_service().chain, audit.AuditQuery().judged(only(request.args, names))
    )
    return lines(page.lines, page.next_after)


def asked_service() -> Service:
    service: Service = current_app.extensions["service"]
    return service


def reads_everything(caller: Caller) -> None:
    if READERS_OF_EVERYTHING.isdisjoint(caller.roles):
        raise Problem(403, "forbidden", "Only auditors and administrators read everything.")


def lines(content: Sequence[bytes], next_after: int | None) -> Response:
    """The lines, and a `Link` to the next ones where there may be more."""
    headers = {}
    if next_after is not None:
        asked = {**request.args.to_dict(), "after": next_after}
        headers["Link"] = f'<{public(request.path)}?{urlencode(asked)}>; rel="next"'
    return Response(b"".join(line + b"\n" for line in content), 200, headers, content_type=NDJSON)
