"""Endpoints of the gateway itself: composed views, progress of the suite, audit and operations."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Response, g, request

from gateway.access import api as access
from gateway.access_log import ACCESS_LOG_LINE
from gateway.components import caller_queries, current_components
from gateway.compose.customers import CUSTOMER_VIEW, customer_view
from gateway.compose.orders import ORDER_VIEW, order_view
from gateway.lag import LAG, lag
from gateway.me import show_me
from gateway.proxy import forward
from gateway.view_descriptions import describe
from shared.chain import Checkpoint
from shared.codec import encode
from shared.config import SERVICES
from shared.domain import NotFound
from shared.http_client import HttpClient, Unreachable
from shared.identity import GATEWAY
from shared.openapi.problem_components import MEDIA_TYPE
from shared.openapi.shapes import (
    COUNT,
    NDJSON,
    TEXT,
    Doc,
    lines_schema,
    list_schema,
    map_schema,
    nullable,
    object_schema,
)
from shared.web import internal
from shared.web.as_of import PAST_STATE, AsOfQuery
from shared.web.audit import AUDIT_LINE, STORED_LINE, AuditQuery
from shared.web.body import read_body_bytes
from shared.web.commands import NoFields
from shared.web.internal import EventFeedQuery, ndjson_response
from shared.web.ops import DISCARDED, PARKED_ROW, REDRIVEN, Discard
from shared.web.query_parameters import parse_query_by_schema
from shared.web.replies import JSON
from shared.web.schema import Schema

View = Callable[..., Response]


def show_order(order_id: UUID) -> Response:
    """Return one order with its documents and correlation tree. Parts of a service that does not answer are null."""
    parse_query_by_schema(NoFields())
    return _json(order_view(caller_queries(), order_id))


def show_customer(customer_id: UUID) -> Response:
    """Return one customer with the newest orders, shipments and invoices, credit and timeline."""
    parse_query_by_schema(NoFields())
    return _json(customer_view(caller_queries(), customer_id))


def show_lag() -> Response:
    """Return the pending work of each service, and whether the whole suite is `idle` (alias `quiet`)."""
    parse_query_by_schema(NoFields())
    before = _worker_statuses(current_components().workers)
    answering = {name: worker for name, worker in current_components().workers.items() if before[name] is not None}
    pending = lag(before, dict.fromkeys(before) | _worker_statuses(answering))
    return _json(pending | {"gateway": {"alarms": current_components().log_check.alarms}})


def list_events(service: str) -> Response:
    """Return the events of one service (or of `gateway`: access keys) in log order, one JSON document per line."""
    return _audit_page(service, "events", internal.list_audit_log)


def list_stored_events(service: str) -> Response:
    """Return the events of one service as stored, one JSON document per line, for verification of the hash chain."""
    return _audit_page(service, "stored", internal.list_stored_events)


def show_aggregate_at(service: str, aggregate_id: UUID) -> Response:
    """Return the state of an aggregate as of a `version`, a log `position` or a recorded time (`at`)."""
    return _audit_page(service, f"aggregates/{aggregate_id}", lambda: internal.read_aggregate_as_of(aggregate_id))


def show_checkpoint(service: str) -> Response:
    """Return a signed checkpoint of the service's log. Keep it: later it proves whether the log was changed."""
    return _audit_page(service, "checkpoint", internal.create_checkpoint)


def list_checkpoints(service: str) -> Response:
    """Return checkpoints of a service's log, one per line: its own, or those held by another service (`held_by`)."""
    if service not in (*SERVICES, GATEWAY):
        raise NotFound("service", service)
    response = _audit_page(
        request.args.get(internal.HOLDER_PARAMETER, service),
        f"checkpoints/{service}",
        lambda: internal.list_checkpoints(service),
    )
    if link := response.headers.get("Link"):
        response.headers["Link"] = re.sub(r"/audit/\w+/checkpoints/\w+", f"/audit/{service}/checkpoints", link)
    return response


def list_access_log() -> Response:
    """Return the access log (reads of personal and accounting data), one hash-chained record per line."""
    query = parse_query_by_schema(EventFeedQuery())
    records = current_components().access.access_log.after(query["after"], query["limit"])
    return ndjson_response(map(encode, records), records[-1].number if len(records) == query["limit"] else None)


def list_readings() -> Response:
    """Return the access log at its earlier address; new programs read `audit/access-log`."""
    return list_access_log()


def _audit_page(service: str, path: str, own_view: Callable[[], Response]) -> Response:
    """Return an audit page of a service or of the gateway; the link to the next page has the public path."""
    if service == GATEWAY:
        return own_view()
    response = _forward_to_service(service, f"/audit/{path}")
    if link := response.headers.get("Link"):
        response.headers["Link"] = link.replace(f"/api/v1/{service}/audit/", f"/api/v1/audit/{service}/")
    return response


def list_parked_messages() -> Response:
    """Return the parked messages of all services: events that failed and wait for an operator."""
    parse_query_by_schema(NoFields())
    responses = caller_queries().get_all({name: (name, "/parked") for name in SERVICES})
    parked = {name: response and response.json()["data"] for name, response in responses.items()}
    return _json({"services": parked, "missing": [name for name, rows in parked.items() if rows is None]})


def redrive(service: str, source: str) -> Response:
    """Redrive the messages that a service parked from one source, in order."""
    if source not in SERVICES:
        raise NotFound("source", source)
    return _forward_to_service(service, f"/parked/{source}/retry")


def discard(service: str, source: str, sequence: str) -> Response:
    """Discard one parked message for good; the reason is kept in the event log."""
    return _forward_to_service(service, f"/parked/{source}/{sequence}/discard")


def _describe_lines(view: View, query: type[Schema], line: Doc) -> None:
    describe(view, query=query, media_type=NDJSON, schema=lines_schema(line))


CHECKPOINT: Doc = object_schema({each.name: COUNT if each.type is int else TEXT for each in fields(Checkpoint)})
PARKED = map_schema(nullable(list_schema(PARKED_ROW)), "Parked messages by service; null if it does not answer.")
describe(show_order, schema=ORDER_VIEW)
describe(show_customer, schema=CUSTOMER_VIEW)
describe(show_lag, schema=LAG)
_describe_lines(list_events, AuditQuery, AUDIT_LINE)
_describe_lines(list_stored_events, EventFeedQuery, STORED_LINE)
_describe_lines(list_checkpoints, internal.StoredCheckpointsQuery, CHECKPOINT)
_describe_lines(list_access_log, EventFeedQuery, ACCESS_LOG_LINE)
_describe_lines(list_readings, EventFeedQuery, ACCESS_LOG_LINE)
describe(
    show_checkpoint,
    query=internal.NewCheckpointQuery,
    schema=object_schema({"checkpoint": CHECKPOINT, "consistency": list_schema(TEXT)}),
)
describe(show_aggregate_at, query=AsOfQuery, schema=PAST_STATE)
describe(list_parked_messages, schema=object_schema({"services": PARKED, "missing": list_schema(TEXT)}))
describe(redrive, schema=REDRIVEN)
describe(discard, body=Discard, idempotency_key=True, schema=DISCARDED)

OWN_VIEWS: dict[str, View] = {
    "GET me": show_me,
    "GET access/keys": access.list_keys,
    "POST access/keys": access.issue_key,
    "GET access/keys/{key_id}": access.show_key,
    "POST access/keys/{key_id}/accept": access.accept_key,
    "POST access/keys/{key_id}/rotate": access.rotate_key,
    "POST access/keys/{key_id}/revoke": access.revoke_key,
    "GET views/orders/{order_id}": show_order,
    "GET views/customers/{customer_id}": show_customer,
    "GET audit/{service}/events": list_events,
    "GET audit/{service}/stored": list_stored_events,
    "GET audit/{service}/aggregates/{aggregate_id}": show_aggregate_at,
    "GET audit/{service}/checkpoint": show_checkpoint,
    "GET audit/{service}/checkpoints": list_checkpoints,
    "GET audit/access-log": list_access_log,
    "GET audit/readings": list_readings,
    "GET ops/lag": show_lag,
    "GET ops/parked": list_parked_messages,
    "POST ops/parked/{service}/{source}/retry": redrive,
    "POST ops/parked/{service}/{source}/{sequence}/discard": discard,
}


def _json(content: dict[str, Any]) -> Response:
    return Response(encode(content), content_type=JSON)


def _forward_to_service(service: str, path: str) -> Response:
    """Return the service's response at its internal path."""
    services = current_components().services
    if service not in services.upstreams:
        raise NotFound("service", service)
    body = read_body_bytes(request.environ) if request.method == "POST" else None
    response = forward(services.upstreams[service], services.signer, g.caller, request.environ, path, body)
    return _with_own_instance(response) if response.mimetype == MEDIA_TYPE else response


def _with_own_instance(response: Response) -> Response:
    """Return a problem with the address that the caller used, which is not the one that the service knows."""
    problem: dict[str, Any] = {**response.get_json(), "instance": quote(request.path)}
    response.set_data(encode(problem))
    return response


def _worker_statuses(workers: Mapping[str, HttpClient]) -> dict[str, Any]:
    """Return the current status of each worker; None for a worker that does not answer."""
    threads = current_components().services.threads
    futures = {name: threads.submit(_worker_status, worker) for name, worker in workers.items()}
    return {name: future.result() for name, future in futures.items()}


def _worker_status(worker: HttpClient) -> dict[str, Any] | None:
    try:
        response = worker.request("GET", "/status", {})
    except Unreachable:
        return None
    return response.json() if response.is_ok else None
