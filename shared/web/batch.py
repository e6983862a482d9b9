"""`POST …/batch`: up to 1,000 new things in one request, all of them or each alone."""

from collections.abc import Callable, Mapping
from typing import Any

import marshmallow
import msgspec
from flask import Response, current_app

from shared.codec import encode
from shared.service import Outcome, Service
from shared.web import fields
from shared.web.answers import Reply, response
from shared.web.body import read_json
from shared.web.commands import Task, idempotency_key, request_digest
from shared.web.many import INVALID, MOST_AT_ONCE, Done, all_faults, each_alone, judged, once_known
from shared.web.problems import Problem, now_answered, told
from shared.web.schema import Schema


class Batch(Schema):
    """What a batch says: its items, each judged afterwards, and whether all must be done or none."""

    items = fields.List(marshmallow.fields.Raw(), required=True, min=1, max=MOST_AT_ONCE)
    atomic = fields.Flag(load_default=False)


def batched(view: Callable[..., Reply]) -> Callable[[], Response]:
    """The creating command done for each of many bodies, in one unit of work and under one idempotency key."""
    task = Task(view)
    schema = Batch()

    def batch() -> Response:
        """Many new things at once: all or none if `atomic`, else each that can be. 200 with a result for each."""
        service: Service = current_app.extensions["service"]
        asked, known = now_answered()
        key = idempotency_key(asked.environ)
        raw, document = read_json(asked.environ, needed=True)
        given = schema.judged(document)
        many = judged(task, ((f"/items/{place}", item) for place, item in enumerate(given["items"])))
        digest = request_digest(service, asked, raw)

        def attempt(patient: bool) -> Outcome:
            return service.perform(
                lambda: _answer(each_alone(service, task, many, patient=patient), atomic=given["atomic"]),
                caller=known.caller,
                key=key,
                request=digest,
            )

        return response(once_known(attempt), service)

    return batch


def _answer(done: Done, *, atomic: bool) -> Reply:
    """One result an item, in their order. Problem for an atomic batch in which one is refused."""
    refused = [reply for _, reply in done if isinstance(reply, Problem)]
    if atomic and refused:
        status = INVALID if any(each.status == INVALID for each in refused) else refused[0].status
        words = f"{len(refused)} of {len(done)} items are refused, so none is done."
        raise Problem(status, "items_refused", words, errors=all_faults(done))
    results = [_result(reply) for _, reply in done]
    return Reply(200, {}, encode({"data": results, "done": len(done) - len(refused), "refused": len(refused)}))


def _result(reply: Reply | Problem) -> Mapping[str, Any]:
    if isinstance(reply, Problem):
        return {"status": reply.status, "problem": told(reply)}
    return {"status": reply.status, "location": reply.headers["Location"], "resource": msgspec.Raw(reply.body)}
