"""`POST …/batch`: creates up to 1,000 records in one request, all or none, or each independently."""

from collections.abc import Callable, Mapping
from typing import Any

import marshmallow
import msgspec
from flask import Response, current_app

from shared.codec import encode
from shared.service import Service, StoredResponse
from shared.web import fields
from shared.web.batch_items import (
    INVALID,
    MAX_ITEMS,
    BatchResults,
    all_errors,
    run_each,
    run_when_available,
    validate_items,
)
from shared.web.body import read_json
from shared.web.commands import CommandView, idempotency_key, request_digest
from shared.web.problems import Problem, current_request, problem_document
from shared.web.replies import Reply, to_response
from shared.web.schema import Schema


class Batch(Schema):
    """Body of a batch: its items, validated one by one later, and whether it is all or none (`atomic`)."""

    items = fields.List(marshmallow.fields.Raw(), required=True, min=1, max=MAX_ITEMS)
    atomic = fields.Flag(load_default=False)


def batch_command(view: Callable[..., Reply]) -> Callable[[], Response]:
    """Return the create command for many bodies, in one unit of work and under one idempotency key."""
    task = CommandView(view)
    schema = Batch()

    def batch() -> Response:
        """Create many records: all or none if `atomic`, else each valid one. 200 with a result for each item."""
        service: Service = current_app.extensions["service"]
        request, state = current_request()
        key = idempotency_key(request.environ)
        raw, document = read_json(request.environ, needed=True)
        given = schema.parse(document)
        items = validate_items(task, ((f"/items/{place}", item) for place, item in enumerate(given["items"])))
        digest = request_digest(service, request, raw)

        def attempt(waits: bool) -> StoredResponse:
            return service.execute(
                lambda: _batch_reply(run_each(service, task, items, waits_for_events=waits), atomic=given["atomic"]),
                caller=state.caller,
                key=key,
                request_digest=digest,
            )

        return to_response(run_when_available(attempt), service)

    return batch


def _batch_reply(done: BatchResults, *, atomic: bool) -> Reply:
    """Return one result for each item, in order. Raises Problem if the batch is atomic and an item is refused."""
    refused = [reply for _, reply in done if isinstance(reply, Problem)]
    if atomic and refused:
        status = INVALID if any(each.status == INVALID for each in refused) else refused[0].status
        detail = f"{len(refused)} of {len(done)} items were refused, so none was created."
        raise Problem(status, "items_refused", detail, errors=all_errors(done))
    results = [_result(reply) for _, reply in done]
    return Reply(200, {}, encode({"data": results, "done": len(done) - len(refused), "refused": len(refused)}))


def _result(reply: Reply | Problem) -> Mapping[str, Any]:
    if isinstance(reply, Problem):
        return {"status": reply.status, "problem": problem_document(reply)}
    return {"status": reply.status, "location": reply.headers["Location"], "resource": msgspec.Raw(reply.body)}
