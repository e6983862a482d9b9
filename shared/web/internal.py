"""Endpoints of every service besides its resources: health, metrics, event feed, figures, audit log and proofs."""

from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, g, request

from shared.chain import ChainBroken, Checkpoint
from shared.chain.checkpoint_monitor import CheckpointProof
from shared.codec import encode
from shared.command_context import Caller
from shared.identity import GATEWAY
from shared.ndjson import encode_message_line
from shared.openapi.shapes import NDJSON
from shared.projections.figures import FIRST, Figures, read_figures
from shared.service import ProjectionBehind
from shared.telemetry import prometheus_metrics
from shared.web import as_of, audit, fields
from shared.web.problems import ProblemError
from shared.web.query_parameters import parse_query_by_schema
from shared.web.readable_events import readable_by
from shared.web.replies import JSON, current_service, public_path
from shared.web.schema import Schema

ROLES_READING_ALL = frozenset({"admin", "auditor"})
MAX_LINES = 1_000
PROBES = frozenset({"healthz", "readyz", "metrics"})
"""Endpoints of any blueprint that are requested all the time, also while the process starts: not logged."""
PUBLIC_ENDPOINTS = frozenset(f"internal.{each}" for each in PROBES)
"""Endpoints without authentication."""
PEER_ENDPOINTS = frozenset(
    f"internal.{each}"
    for each in ("list_published_events", "list_figures", "create_checkpoint", "show_newest_checkpoint")
)
"""The only endpoints another service may call for itself."""

internal = Blueprint("internal", __name__)


@internal.get("/healthz")
def healthz() -> Response:
    """Liveness: the process answers."""
    return Response(b'{"status":"ok"}', content_type=JSON)


@internal.get("/readyz")
def readyz() -> Response:
    """Readiness: the service can write to its store and knows the firm; 503 while it cannot or does not."""
    service = current_service()
    service.store.require_writable()
    _ = service.runner.firm.current_date
    return Response(b'{"status":"ready"}', content_type=JSON)


@internal.get("/metrics")
def metrics() -> Response:
    """Metrics of the process, for Prometheus."""
    page, media_type = prometheus_metrics()
    return Response(page, content_type=media_type)


class EventFeedQuery(Schema):
    """Query of the event feed: the position before the page and its size."""

    after = fields.WholeNumberParameter(load_default=0)
    limit = fields.WholeNumberParameter(min=1, max=MAX_LINES, load_default=MAX_LINES)


@internal.get("/events")
def list_published_events() -> Response:
    """Feed of published events after a position, one per line, for services that missed some."""
    if g.issuer == GATEWAY:
        _require_read_all(g.caller)
    query = parse_query_by_schema(EventFeedQuery())
    messages = current_service().store.published_events(query["after"], query["limit"])
    has_more = len(messages) == query["limit"]
    return ndjson_response(map(encode_message_line, messages), messages[-1].sequence if has_more else None)


class FiguresQuery(Schema):
    """Query of figures: the key before the page."""

    after = fields.Text(max=1_000, load_default=FIRST)


@internal.get("/figures/<name>")
def list_figures(name: str) -> Response:
    """Figures of this service after a key, for services that keep the same figures and compare them."""
    if g.issuer == GATEWAY:
        _require_read_all(g.caller)
    query, service = parse_query_by_schema(FiguresQuery()), current_service()
    figures = service.read_models.projections.get(name)
    if figures is None or not issubclass(figures, Figures):
        raise ProblemError(404, "not_found", "Unknown figures.")
    page = read_figures(service.store, service.read_models, figures, query["after"])
    if page is None:
        raise ProjectionBehind(f"{name} is being built; try again")
    return Response(encode(page), content_type=JSON)


@internal.get("/audit/events")
def list_audit_log() -> Response:
    """Audit log: events after a position that match the filters, one per line."""
    _require_read_all(g.caller)
    service, query = current_service(), parse_query_by_schema(audit.AuditQuery())
    page = audit.audit_page(service.store, service.chain, query)
    return ndjson_response(page.lines, page.next_after)


@internal.get("/audit/readable-events")
def list_readable_events() -> Response:
    """Audit log without the events of records that the caller may not read: for composed views."""
    service, query = current_service(), parse_query_by_schema(audit.AuditQuery())
    page = audit.audit_page(service.store, service.chain, query, readable_by(g.caller, service))
    return ndjson_response(page.lines, page.next_after)


# -- proofs

HOLDER_PARAMETER = "held_by"
"""Selects the service at the gateway; not used here, but kept in the address of the next page."""


class NewCheckpointQuery(Schema):
    """Query of a new checkpoint: the position from which the consistency of the log is proven."""

    since = fields.WholeNumberParameter(load_default=0)


class StoredCheckpointsQuery(EventFeedQuery):
    """Query of the stored checkpoints of a log: the page, and the service that stores them."""

    held_by = fields.Text(max=20, load_default=None)


@internal.get("/audit/checkpoint")
def create_checkpoint() -> Response:
    """Newest checkpoint, created now for an auditor, with a proof that the log extends the log at `since`.

    Another service gets null before the store has been compared: until then nothing is signed.
    """
    since = parse_query_by_schema(NewCheckpointQuery())["since"]
    is_peer = g.get("issuer", GATEWAY) != GATEWAY
    if is_peer and current_service().chain.comparison.pending:
        return Response(encode(None), content_type=JSON)
    newest = current_service().chain.latest_checkpoint() if is_peer else _create_checkpoint_or_get_latest()
    proof = current_service().chain.consistency_proof(since, newest.position)
    return Response(encode(CheckpointProof(newest, [each.hex() for each in proof])), content_type=JSON)


def _create_checkpoint_or_get_latest() -> Checkpoint:
    """Return a new checkpoint; of a broken log the last one created before, as proof of what is missing."""
    _require_read_all(g.caller)
    chain = current_service().chain
    with suppress(ChainBroken):
        chain.extend_to_end()
        return chain.create_checkpoint()
    return chain.latest_checkpoint()


@internal.get("/audit/checkpoints/<service>")
def list_checkpoints(service: str) -> Response:
    """Checkpoints of any epoch that this service holds of the log of one service, one per line, in order."""
    _require_read_all(g.caller)
    query = parse_query_by_schema(StoredCheckpointsQuery())
    held = current_service().chain.checkpoints.list_after(service, query["after"], query["limit"])
    return ndjson_response(map(encode, held), held[-1].position if len(held) >= query["limit"] else None)


@internal.get("/audit/checkpoints/<service>/newest")
def show_newest_checkpoint(service: str) -> Response:
    """Newest checkpoint that this service holds of a log, or null: a service compares its own log with it."""
    if g.get("issuer", GATEWAY) != service:
        _require_read_all(g.caller)
    return Response(encode(current_service().chain.checkpoints.newest(service)), content_type=JSON)


@internal.get("/audit/stored")
def list_stored_events() -> Response:
    """The stored events as a page of lines, as the log holds them, for exports."""
    _require_read_all(g.caller)
    query = parse_query_by_schema(EventFeedQuery())
    page = audit.raw_log_page(current_service().store, current_service().chain, query["after"], query["limit"])
    return ndjson_response(page.lines, page.next_after)


@internal.get("/audit/aggregates/<uuid:aggregate_id>")
def read_aggregate_as_of(aggregate_id: UUID) -> Response:
    """One aggregate as it was at a version, a position of the log or an instant; by default as it is now."""
    _require_read_all(g.caller)
    query = parse_query_by_schema(as_of.AsOfQuery())
    return Response(encode(as_of.state_as_of(current_service().store, aggregate_id, query)), content_type=JSON)


def _require_read_all(caller: Caller) -> None:
    """Refuse callers other than auditors and administrators. Raises ProblemError 403."""
    if ROLES_READING_ALL.isdisjoint(caller.roles):
        raise ProblemError(403, "forbidden", "Only auditors and administrators may read all records.")


def ndjson_response(encoded_lines: Iterable[bytes], next_after: int | None) -> Response:
    """Return a response of lines of JSON, with a `Link` to the next page if there may be more."""
    headers = {}
    if next_after is not None:
        parameters = {**request.args.to_dict(), "after": next_after}
        headers["Link"] = f'<{public_path(request.path)}?{urlencode(parameters)}>; rel="next"'
    return Response(b"".join(line + b"\n" for line in encoded_lines), 200, headers, content_type=NDJSON)
