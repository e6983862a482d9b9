"""Proofs of a service's past: its log as stored, signed checkpoints of logs, and aggregates as they were."""

from contextlib import suppress
from uuid import UUID

from flask import Blueprint, Response, g, request

from shared import codec
from shared.chain import ChainBroken, Checkpoint
from shared.chain.checkpoint_monitor import CheckpointProof
from shared.identity import GATEWAY
from shared.web import as_of, audit, fields
from shared.web.internal import EventFeedQuery, current_service, ndjson_response, require_read_all
from shared.web.lists import single_parameters
from shared.web.replies import JSON
from shared.web.schema import Schema

proofs = Blueprint("proofs", __name__)

HOLDER_PARAMETER = "held_by"
"""Selects the service at the gateway; not used here, but kept in the address of the next page."""


class SinceQuery(Schema):
    """The position from which consistency of the log is proven."""

    since = fields.WholeNumberParameter(load_default=0)


class HeldCheckpointsQuery(EventFeedQuery):
    """The page of checkpoints, and the service that holds them."""

    held_by = fields.Text(max=20, load_default=None)


@proofs.get("/audit/checkpoint")
def checkpoint() -> Response:
    """Newest checkpoint, created now for an auditor, with a proof that the log extends the log at `since`."""
    since = SinceQuery().parse(single_parameters(request.args, ("since",)))["since"]
    newest = current_service().chain.latest_checkpoint() if _is_a_peer() else _create_checkpoint()
    proof = current_service().chain.consistency_proof(since, newest.position)
    return Response(codec.encode(CheckpointProof(newest, [each.hex() for each in proof])), content_type=JSON)


def _is_a_peer() -> bool:
    return bool(g.get("issuer", GATEWAY) != GATEWAY)


def _create_checkpoint() -> Checkpoint:
    """Return a new checkpoint; of a broken log the last one created before, as proof of what is missing."""
    require_read_all(g.caller)
    chain = current_service().chain
    with suppress(ChainBroken):
        chain.extend_to_end()
        return chain.create_checkpoint()
    return chain.latest_checkpoint()


@proofs.get("/audit/checkpoints/<service>")
def checkpoints(service: str) -> Response:
    """Checkpoints of a service's log that are held here, one per line, in order."""
    require_read_all(g.caller)
    query = HeldCheckpointsQuery().parse(single_parameters(request.args, ("after", "limit", HOLDER_PARAMETER)))
    held = current_service().chain.checkpoints.list_after(service, query["after"], query["limit"])
    return ndjson_response(
        [codec.encode(each) for each in held], held[-1].position if len(held) == query["limit"] else None
    )


@proofs.get("/audit/stored")
def stored() -> Response:
    """The log as stored, one event per line, for exports."""
    require_read_all(g.caller)
    query = EventFeedQuery().parse(single_parameters(request.args, ("after", "limit")))
    page = audit.stored_page(current_service().store, current_service().chain, query["after"], query["limit"])
    return ndjson_response(page.lines, page.next_after)


@proofs.get("/audit/aggregates/<uuid:aggregate_id>")
def aggregate(aggregate_id: UUID) -> Response:
    """One aggregate as it was at a version, a position of the log or an instant; by default as it is now."""
    require_read_all(g.caller)
    query = as_of.AsOfQuery().parse(single_parameters(request.args, as_of.TIME_PARAMETERS))
    return Response(codec.encode(as_of.state_as_of(current_service().store, aggregate_id, query)), content_type=JSON)
