"""Many things asked in one request: each is judged and done as if it came alone, and refused alone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.domain import NotFound, NotYetKnown, Refused
from shared.service import Service
from shared.web.answers import Reply
from shared.web.commands import Task, when_known
from shared.web.problems import Problem, problem_of

T = TypeVar("T")

MOST_AT_ONCE = 1_000
FORBIDDEN = 403
INVALID = 422

Fault = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """One of them: where it stands, and its judged body or what is wrong with it."""

    pointer: str
    body: dict[str, Any] | Problem


Done = list[tuple[Asked, Reply | Problem]]


def judged(task: Task, documents: Iterable[tuple[str, Any]]) -> list[Asked]:
    """Each document by the task's schema, under the pointer it is called by."""
    return [Asked(pointer, _judged(task, document)) for pointer, document in documents]


def _judged(task: Task, document: Any) -> dict[str, Any] | Problem:
    try:
        return task.schema.judged(document)
    except Problem as problem:
        return problem


def each_alone(service: Service, task: Task, many: Sequence[Asked], *, patient: bool) -> Done:
    """Inside a unit of work: all that can be done is done, in order; each of the others has its problem.

    Raises NotYetKnown if `patient`, for the first that waits for news; Problem 403 naming one that is forbidden:
    whoever oversteps gets nothing at all.
    """
    done = [(each, _alone(service, task, each, patient)) for each in many]
    for each, reply in done:
        if isinstance(reply, Problem) and reply.status == FORBIDDEN:
            raise Problem(FORBIDDEN, reply.code, reply.detail, errors=faults_of(each, reply))
    return done


def _alone(service: Service, task: Task, asked: Asked, patient: bool) -> Reply | Problem:
    if isinstance(asked.body, Problem):
        return asked.body
    try:
        with service.among_others(task.effective_on(asked.body)):
            return task.do(body=asked.body)
    except (Problem, Refused, NotFound) as refused:
        if patient and isinstance(refused, NotYetKnown):
            raise
        return problem_of(refused)


def once_known(attempt: Callable[[bool], T]) -> T:
    """The attempt, made patiently while news may arrive, and at last without waiting."""
    try:
        return when_known(lambda: attempt(True))
    except NotYetKnown:
        return attempt(False)


def faults_of(asked: Asked, problem: Problem) -> list[Fault]:
    """What a problem blames, by pointers into the whole request."""
    if not problem.errors:
        return [{"pointer": asked.pointer, "code": problem.code, "detail": problem.detail}]
    return [{**each, "pointer": asked.pointer + each["pointer"]} for each in problem.errors]


def all_faults(done: Done) -> list[Fault]:
    """What is to blame for everything that was not done."""
    return [fault for asked, reply in done if isinstance(reply, Problem) for fault in faults_of(asked, reply)]
