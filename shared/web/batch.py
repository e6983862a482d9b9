"""`POST …/batch`: creates up to 1,000 records in one request, all or none, or each independently.

Each item is validated, executed and refused as if it were sent alone; imported sheets use the same steps.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import marshmallow
import msgspec
from flask import Response

from shared.domain import DomainError, NotFound, NotYetAvailable
from shared.web import fields
from shared.web.awaited_events import is_final
from shared.web.body import canonical_body, read_json
from shared.web.commands import DeclaredCommand, Execute, command_executor, idempotency_key, retry_until_events_arrive
from shared.web.problems import ProblemError, current_request, problem_document, problem_of
from shared.web.replies import Reply, current_service, json_reply, to_response
from shared.web.schema import Schema

T = TypeVar("T")

MAX_ITEMS = 1_000
FORBIDDEN, INVALID = 403, 422

Fault = Mapping[str, Any]


class Batch(Schema):
    """Body of a batch: its items, validated one by one later, and whether it is all or none (`atomic`)."""

    items = fields.List(marshmallow.fields.Raw(allow_none=True), required=True, min=1, max=MAX_ITEMS)
    atomic = fields.Flag(load_default=False)


@dataclass(frozen=True)
class BatchItem:
    """One item of a batch: its pointer in the request, and its validated body or the problem with it."""

    pointer: str
    body: Any


BatchResults = list[tuple[BatchItem, Reply | ProblemError]]


def make_batch_view(view: Callable[..., Reply]) -> Callable[[], Response]:
    """Return the view of the create command for many bodies, in one unit of work and under one idempotency key."""
    task = DeclaredCommand(view)
    schema = Batch()

    def batch() -> Response:
        """Create many records: all or none if `atomic`, else each valid one. 200 with a result for each item."""
        environ = current_request()[0].environ
        key = idempotency_key(environ)
        raw, document = read_json(environ, needed=True)
        content = canonical_body(raw, document)
        given = schema.parse(document)
        items = validate_items(task, ((f"/items/{place}", item) for place, item in enumerate(given["items"])))
        reply_of = _atomic_reply if given["atomic"] else _batch_reply
        return to_response(execute_batch(command_executor(key, content), task, items, reply_of))

    return batch


def _atomic_reply(done: BatchResults) -> Reply:
    """Return one result for each item, in order. Raises ProblemError if an item is refused."""
    refuse_forbidden(done)
    refused = [reply for _, reply in done if isinstance(reply, ProblemError)]
    if refused:
        status = INVALID if any(each.status == INVALID for each in refused) else refused[0].status
        detail = f"{len(refused)} of {len(done)} items were refused, so none was created."
        raise ProblemError(status, "items_refused", detail, errors=batch_errors(done))
    return _results(done)


def _batch_reply(done: BatchResults) -> Reply:
    """Return one result for each item, in order. Raises ProblemError 403 if no item is allowed."""
    if all(_is_forbidden(reply) for _, reply in done):
        refuse_forbidden(done)
    return _results(done)


def _results(done: BatchResults) -> Reply:
    refused = sum(isinstance(reply, ProblemError) for _, reply in done)
    return json_reply({"data": [_result(reply) for _, reply in done], "done": len(done) - refused, "refused": refused})


def _result(reply: Reply | ProblemError) -> Mapping[str, Any]:
    if isinstance(reply, ProblemError):
        return {"status": reply.status, "problem": problem_document(reply)}
    return {"status": reply.status, "location": reply.headers["Location"], "resource": msgspec.Raw(reply.body)}


# -- items


def validate_items(task: DeclaredCommand, documents: Iterable[tuple[str, Any]]) -> list[BatchItem]:
    """Return each document as a batch item, validated by the schema of the command, with its pointer."""
    return [BatchItem(pointer, _validate(task, document)) for pointer, document in documents]


def _validate(task: DeclaredCommand, document: Any) -> Any:
    try:
        return task.schema.parse(document)
    except ProblemError as problem:
        return problem


def run_items(task: DeclaredCommand, items: Sequence[BatchItem], *, waits_for_events: bool) -> BatchResults:
    """Execute each item in order, inside the current unit of work; the result of a refused item is its problem.

    Raises NotYetAvailable for the first item that needs events that may still arrive, if `waits_for_events`.
    """
    return [(each, _run_one(task, each, waits_for_events)) for each in items]


def refuse_forbidden(done: BatchResults) -> None:
    """Refuse the whole request if an item is forbidden. Raises ProblemError 403, naming all forbidden items."""
    forbidden = [(each, reply) for each, reply in done if _is_forbidden(reply)]
    if forbidden:
        first = forbidden[0][1]
        assert isinstance(first, ProblemError)
        raise ProblemError(FORBIDDEN, first.code, first.detail, errors=batch_errors(forbidden))


def _is_forbidden(reply: Reply | ProblemError) -> bool:
    return isinstance(reply, ProblemError) and reply.status == FORBIDDEN


def _run_one(task: DeclaredCommand, item: BatchItem, waits_for_events: bool) -> Reply | ProblemError:
    if isinstance(item.body, ProblemError):
        return item.body
    try:
        with current_service().runner.batch_item(task.effective_on(item.body)):
            return task.call(body=item.body)
    except (ProblemError, DomainError, NotFound) as refused:
        if waits_for_events and isinstance(refused, NotYetAvailable) and not is_final(refused):
            raise
        return problem_of(refused)


def execute_batch(
    execute: Execute, task: DeclaredCommand, items: Sequence[BatchItem], reply_of: Callable[[BatchResults], Reply]
) -> Reply:
    """Execute all items in one unit of work and return the reply: repeated while missing events may arrive."""

    def run(waits_for_events: bool) -> Reply:
        return execute(lambda: reply_of(run_items(task, items, waits_for_events=waits_for_events)))

    return repeat_while_events_may_arrive(run)


def repeat_while_events_may_arrive(attempt: Callable[[bool], T]) -> T:
    """Return the result of the attempt: repeated while events that it needs may arrive, finally without waiting."""
    try:
        return retry_until_events_arrive(lambda: attempt(True))
    except NotYetAvailable:
        return attempt(False)


def item_errors(item: BatchItem, problem: ProblemError) -> list[Fault]:
    """Return the errors of one refused item, with pointers into the whole request."""
    if not problem.errors:
        return [{"pointer": item.pointer, "code": problem.code, "detail": problem.detail}]
    return [{**each, "pointer": item.pointer + each["pointer"]} for each in problem.errors]


def batch_errors(results: BatchResults) -> list[Fault]:
    """Return the errors of a batch: those of all refused items."""
    return [error for item, reply in results if isinstance(reply, ProblemError) for error in item_errors(item, reply)]
