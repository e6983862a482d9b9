"""What the gateway answers itself: views of several services, how far the suite is, its log for auditors."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Response, g, request

from gateway.access import api as access
from gateway.compose.customers import customer_view
from gateway.compose.orders import order_view
from gateway.lag import lag
from gateway.parts import asking, parts
from gateway.proxy import forward
from gateway.telling import tells
from gateway.upstream import Unreachable, Upstream
from shared.codec import encode
from shared.config import SERVICES
from shared.domain import NotFound
from shared.identity import GATEWAY
from shared.web import proofs
from shared.web.answers import JSON
from shared.web.audit import AuditQuery
from shared.web.body import read_body
from shared.web.internal import NDJSON, FeedQuery, audit_events, lines
from shared.web.lists import only
from shared.web.ops import Discard
from shared.web.past import PastQuery

View = Callable[..., Response]


def order(order_id: UUID) -> Response:
    """One order as all four services see it, with its whole story; what a silent service knows is null."""
    only(request.args, ())
    return _json(order_view(asking(), order_id))


def customer(customer_id: UUID) -> Response:
    """One customer with the newest orders, shipments and invoices, credit and timeline."""
    only(request.args, ())
    return _json(customer_view(asking(), customer_id))


def how_far() -> Response:
    """How far each service is, and whether nothing anywhere is behind."""
    only(request.args, ())
    before = _statuses(parts().workers)
    answering = {name: worker for name, worker in parts().workers.items() if before[name] is not None}
    return _json(lag(before, dict.fromkeys(before) | _statuses(answering)))


def audit(service: str) -> Response:
    """Every stored event of one service (or of `gateway`: its keys), a line each, in the order of its log."""
    return _audited(service, "events", audit_events)


def stored(service: str) -> Response:
    """The log of one service as it is stored, a line each: all that a proof needs."""
    return _audited(service, "stored", proofs.stored)


def past(service: str, aggregate_id: UUID) -> Response:
    """One thing as it was: `version`, `position` or `at` (recorded time) says when."""
    return _audited(service, f"aggregates/{aggregate_id}", lambda: proofs.aggregate(aggregate_id))


def checkpoint(service: str) -> Response:
    """The service's signed word about its log as it is now. Keep it: it shows later whether the log was changed."""
    return _audited(service, "checkpoint", proofs.checkpoint)


def checkpoints(service: str) -> Response:
    """The checkpoints of one service's log, a line each: its own, or those another one holds (`held_by`)."""
    if service not in (*SERVICES, GATEWAY):
        raise NotFound("service", service)
    told = _audited(
        request.args.get(proofs.HELD_BY, service), f"checkpoints/{service}", lambda: proofs.checkpoints(service)
    )
    if link := told.headers.get("Link"):
        told.headers["Link"] = re.sub(r"/audit/\w+/checkpoints/\w+", f"/audit/{service}/checkpoints", link)
    return told


def readings() -> Response:
    """Who read what of persons and books, a line each: every record is hashed with the one before it."""
    asked = FeedQuery().judged(only(request.args, ("after", "limit")))
    records = parts().access.readings.after(asked["after"], asked["limit"])
    return lines(list(map(encode, records)), records[-1].number if len(records) == asked["limit"] else None)


def _audited(service: str, path: str, ours: Callable[[], Response]) -> Response:
    """What a service, or we, say of a log; the next page under its public path."""
    if service == GATEWAY:
        return ours()
    told = _ask(service, f"/audit/{path}")
    if link := told.headers.get("Link"):
        told.headers["Link"] = link.replace(f"/api/v1/{service}/audit/", f"/api/v1/audit/{service}/")
    return told


def parked() -> Response:
    """What could not be applied anywhere and waits for a person."""
    only(request.args, ())
    said = asking().all({name: (name, "/parked") for name in SERVICES})
    told = {name: answer and answer.json()["data"] for name, answer in said.items()}
    return _json({"services": told, "missing": [name for name, rows in told.items() if rows is None]})


def retry(service: str, source: str) -> Response:
    """Apply what one service parked from one source, in order."""
    if source not in SERVICES:
        raise NotFound("source", source)
    return _ask(service, f"/parked/{source}/retry")


def discard(service: str, source: str, sequence: str) -> Response:
    """Never apply one parked message; the reason stays in the log."""
    return _ask(service, f"/parked/{source}/{sequence}/discard")


LINES: dict[str, Any] = {"media_type": NDJSON, "shape": {"type": "string"}}
tells(audit, query=AuditQuery, **LINES)
tells(stored, query=FeedQuery, **LINES)
tells(checkpoint, query=proofs.SinceQuery)
tells(checkpoints, query=proofs.HeldQuery, **LINES)
tells(past, query=PastQuery)
tells(readings, query=FeedQuery, **LINES)
tells(discard, body=Discard, key=True)

OUR_VIEWS: dict[str, View] = {
    "GET access/keys": access.list_keys,
    "POST access/keys": access.issue_key,
    "GET access/keys/{key_id}": access.show_key,
    "POST access/keys/{key_id}/rotate": access.rotate_key,
    "POST access/keys/{key_id}/revoke": access.revoke_key,
    "GET views/orders/{order_id}": order,
    "GET views/customers/{customer_id}": customer,
    "GET audit/{service}/events": audit,
    "GET audit/{service}/stored": stored,
    "GET audit/{service}/aggregates/{aggregate_id}": past,
    "GET audit/{service}/checkpoint": checkpoint,
    "GET audit/{service}/checkpoints": checkpoints,
    "GET audit/readings": readings,
    "GET ops/lag": how_far,
    "GET ops/parked": parked,
    "POST ops/parked/{service}/{source}/retry": retry,
    "POST ops/parked/{service}/{source}/{sequence}/discard": discard,
}


def _json(content: dict[str, Any]) -> Response:
    return Response(encode(content), content_type=JSON)


def _ask(service: str, path: str) -> Response:
    """The service's own answer at another path than the public one."""
    services = parts().services
    if service not in services.upstreams:
        raise NotFound("service", service)
    body = read_body() if request.method == "POST" else None
    return forward(services.upstreams[service], services.signer, g.caller, request.environ, path, body)


def _statuses(workers: Mapping[str, Upstream]) -> dict[str, Any]:
    """What these workers say of themselves now; all have answered before the first answer is used."""
    threads = parts().services.threads
    asked = {name: threads.submit(_status, worker) for name, worker in workers.items()}
    return {name: status.result() for name, status in asked.items()}


def _status(worker: Upstream) -> dict[str, Any] | None:
    try:
        answer = worker.ask("GET", "/status", {})
    except Unreachable:
        return None
    return answer.json() if answer.ok else None
