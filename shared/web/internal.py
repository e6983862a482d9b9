"""Endpoints of every service besides its resources: health, readiness, metrics, event feed and audit log."""

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, request

from shared.identity import GATEWAY
from shared.ndjson import encode_line
from shared.service import Caller, Service
from shared.telemetry import prometheus_metrics
from shared.web import audit, fields
from shared.web.lists import single_parameters
from shared.web.problems import Problem
from shared.web.replies import JSON, public_path
from shared.web.schema import Schema

NDJSON = "application/x-ndjson"
ROLES_READING_ALL = frozenset({"admin", "auditor"})
MAX_LINES = 1_000
PUBLIC_ENDPOINTS = frozenset({"internal.healthz", "internal.readyz", "internal.metrics"})
"""Endpoints without authentication."""
PEER_ENDPOINTS = frozenset({"internal.events", "proofs.checkpoint"})
"""The only endpoints another service may call for itself."""

internal = Blueprint("internal", __name__)


@internal.get("/healthz")
def healthz() -> Response:
    """The process is alive."""
    return Response(b'{"status":"ok"}', content_type=JSON)


@internal.get("/readyz")
def readyz() -> Response:
    """The service can write to its store; 503 while it cannot."""
    current_service().store.require_writable()
    return Response(b'{"status":"ready"}', content_type=JSON)


@internal.get("/metrics")
def metrics() -> Response:
    """Metrics for Prometheus."""
    page, media_type = prometheus_metrics()
    return Response(page, content_type=media_type)


class EventFeedQuery(Schema):
    """The page of the event feed: the position before it and its size."""

    after = fields.WholeNumberParameter(load_default=0)
    limit = fields.WholeNumberParameter(min=1, max=MAX_LINES, load_default=MAX_LINES)


@internal.get("/events")
def events() -> Response:
    """Published events after a position, one per line, for services that missed some."""
    if g.issuer == GATEWAY:
        require_read_all(g.caller)
    query = EventFeedQuery().parse(single_parameters(request.args, ("after", "limit")))
    messages = current_service().store.published_events(query["after"], query["limit"])
    has_more = len(messages) == query["limit"]
    return ndjson_response([encode_line(each) for each in messages], messages[-1].sequence if has_more else None)


@internal.get("/audit/events")
def audit_events() -> Response:
    """Stored events after a position, one per line, as stored."""
    require_read_all(g.caller)
    names = tuple(field.data_key or name for name, field in audit.AuditQuery().load_fields.items())
    page = audit.audit_page(
        current_service().store,
        current_service().chain,
        audit.AuditQuery().parse(single_parameters(request.args, names)),
    )
    return ndjson_response(page.lines, page.next_after)


def current_service() -> Service:
    service: Service = current_app.extensions["service"]
    return service


def require_read_all(caller: Caller) -> None:
    if ROLES_READING_ALL.isdisjoint(caller.roles):
        raise Problem(403, "forbidden", "Only auditors and administrators may read all records.")


def ndjson_response(encoded_lines: Sequence[bytes], next_after: int | None) -> Response:
    """Return the lines, with a `Link` to the next page if there may be more."""
    headers = {}
    if next_after is not None:
        parameters = {**request.args.to_dict(), "after": next_after}
        headers["Link"] = f'<{public_path(request.path)}?{urlencode(parameters)}>; rel="next"'
    return Response(b"".join(line + b"\n" for line in encoded_lines), 200, headers, content_type=NDJSON)
