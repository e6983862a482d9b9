"""Items of one request: each is validated, executed and refused as if it were sent alone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.domain import DomainError, NotFound, NotYetAvailable
from shared.service import Service
from shared.web.commands import CommandView, retry_until_available
from shared.web.problems import Problem, problem_of
from shared.web.replies import Reply

T = TypeVar("T")

MAX_ITEMS = 1_000
FORBIDDEN = 403
INVALID = 422

Fault = Mapping[str, Any]


@dataclass(frozen=True)
class BatchItem:
    """One item: its pointer in the request, and its validated body or the problem with it."""

    pointer: str
    body: dict[str, Any] | Problem


BatchResults = list[tuple[BatchItem, Reply | Problem]]


def validate_items(task: CommandView, documents: Iterable[tuple[str, Any]]) -> list[BatchItem]:
    """Return each document, validated by the schema of the command, with its pointer."""
    return [BatchItem(pointer, _validate(task, document)) for pointer, document in documents]


def _validate(task: CommandView, document: Any) -> dict[str, Any] | Problem:
    try:
        return task.schema.parse(document)
    except Problem as problem:
        return problem


def run_each(
    service: Service, task: CommandView, items: Sequence[BatchItem], *, waits_for_events: bool
) -> BatchResults:
    """Execute each item in order, inside the current unit of work; the result of a refused item is its problem.

    Raises NotYetAvailable for the first item that needs events not yet received, if `waits_for_events`; Problem 403
    if any item is forbidden: then the whole request fails.
    """
    done = [(each, _run_one(service, task, each, waits_for_events)) for each in items]
    for each, reply in done:
        if isinstance(reply, Problem) and reply.status == FORBIDDEN:
            raise Problem(FORBIDDEN, reply.code, reply.detail, errors=item_errors(each, reply))
    return done


def _run_one(service: Service, task: CommandView, item: BatchItem, waits_for_events: bool) -> Reply | Problem:
    if isinstance(item.body, Problem):
        return item.body
    try:
        with service.batch_item(task.effective_on(item.body)):
            return task.call(body=item.body)
    except (Problem, DomainError, NotFound) as refused:
        if waits_for_events and isinstance(refused, NotYetAvailable):
            raise
        return problem_of(refused)


def run_when_available(attempt: Callable[[bool], T]) -> T:
    """Return the result of the attempt, repeated while missing events may arrive, finally without waiting."""
    try:
        return retry_until_available(lambda: attempt(True))
    except NotYetAvailable:
        return attempt(False)


def item_errors(item: BatchItem, problem: Problem) -> list[Fault]:
    """Return the errors of a problem, with pointers into the whole request."""
    if not problem.errors:
        return [{"pointer": item.pointer, "code": problem.code, "detail": problem.detail}]
    return [{**each, "pointer": item.pointer + each["pointer"]} for each in problem.errors]


def all_errors(results: BatchResults) -> list[Fault]:
    """Return the errors of all refused items."""
    return [error for item, reply in results if isinstance(reply, Problem) for error in item_errors(item, reply)]
