"""What proves a service's past: its log as it is stored, signed checkpoints of logs, a thing as it once was."""

from contextlib import suppress
from uuid import UUID

from flask import Blueprint, Response, g, request

from shared import codec
from shared.chain import Broken, Checkpoint
from shared.chain.witness import Told
from shared.identity import GATEWAY
from shared.web import audit, fields, past
from shared.web.answers import JSON
from shared.web.internal import FeedQuery, asked_service, lines, reads_everything
from shared.web.lists import only
from shared.web.schema import Schema

proofs = Blueprint("proofs", __name__)

HELD_BY = "held_by"
"""Says outside who is asked; of no meaning here, but kept in the address of the next page."""


class SinceQuery(Schema):
    """From which position on the log is to be proven."""

    since = fields.Whole(load_default=0)


class HeldQuery(FeedQuery):
    """Where to go on, and at whose."""

    held_by = fields.Text(max=20, load_default=None)


@proofs.get("/audit/checkpoint")
def checkpoint() -> Response:
    """The newest checkpoint, made now for an auditor, with proof that the log goes on from what it was at `since`."""
    since = SinceQuery().judged(only(request.args, ("since",)))["since"]
    signed = asked_service().chain.newest() if _is_a_peer() else _made_now()
    proof = asked_service().chain.consistency(since, signed.position)
    return Response(codec.encode(Told(signed, [each.hex() for each in proof])), content_type=JSON)


def _is_a_peer() -> bool:
    return bool(g.get("issuer", GATEWAY) != GATEWAY)


def _made_now() -> Checkpoint:
    """Of a log that is broken, the last one that was made before: it proves what is missing."""
    reads_everything(g.caller)
    chain = asked_service().chain
    with suppress(Broken):
        chain.complete()
        return chain.checkpoint()
    return chain.newest()


@proofs.get("/audit/checkpoints/<service>")
def checkpoints(service: str) -> Response:
    """The checkpoints of a service's log that are held here, a line each, in order."""
    reads_everything(g.caller)
    asked = HeldQuery().judged(only(request.args, ("after", "limit", HELD_BY)))
    held = asked_service().chain.kept.after(service, asked["after"], asked["limit"])
    return lines([codec.encode(each) for each in held], held[-1].position if len(held) == asked["limit"] else None)


@proofs.get("/audit/stored")
def stored() -> Response:
    """The log as it is stored, a line each: what an export is made of."""
    reads_everything(g.caller)
    asked = FeedQuery().judged(only(request.args, ("after", "limit")))
    page = audit.stored(asked_service().store, asked_service().chain, asked["after"], asked["limit"])
    return lines(page.lines, page.next_after)


@proofs.get("/audit/aggregates/<uuid:aggregate_id>")
def aggregate(aggregate_id: UUID) -> Response:
    """One thing as it was: at a version, a position of the log or an instant; by default as it is."""
    reads_everything(g.caller)
    asked = past.PastQuery().judged(only(request.args, past.WHEN))
    return Response(codec.encode(past.as_of(asked_service().store, aggregate_id, asked)), content_type=JSON)
