"""Commands over HTTP: the body is validated, key and version are read, execution is once in one unit of work."""

import re
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial, wraps
from inspect import signature
from typing import Any, ClassVar, TypeVar

from flask import Response

from shared.command_context import GivenDate
from shared.domain import NotYetAvailable, UnknownReference, WrongStatus
from shared.web.awaited_events import AwaitedEvents, await_events, is_final
from shared.web.body import canonical_body, read_json
from shared.web.fields import EffectiveOn
from shared.web.measured_quantities import require_divisible_quantities
from shared.web.problems import ProblemError, current_request, invalid_value
from shared.web.replies import Reply, current_service, to_response
from shared.web.schema import Schema

T = TypeVar("T")
Execute = Callable[[Callable[[], Reply]], Reply]

MAX_KEY_LENGTH = 255
MAX_WAIT_SECONDS = 2.0
RETRY_SECONDS = 0.02
MAX_RETRY_SECONDS = 0.25
"""The pauses between two attempts: doubled from the first to the longest, so that waiting requests delay no others."""
MAX_WAITING = 4
"""Half of the threads of an API process."""

_waiting = threading.BoundedSemaphore(MAX_WAITING)

_KEY = re.compile(r"[\x20-\x2b\x2d-\x7e]{1,255}")
"""Without a comma, which joins the values of a header that was sent twice."""
_VERSION = re.compile(r'"(0|[1-9][0-9]{0,14})"')


class NoFields(Schema):
    """Schema of a command without fields."""


class EffectiveDateSchema(Schema):
    """Schema of a command with an optional business date (`effective_on`)."""

    example: ClassVar = {"effective_on": "2026-01-12"}
    effective_on = EffectiveOn(allow_none=True)


class DeclaredCommand:
    """A command as its view declares it: the schema of its body, the function to call, and its business date."""

    def __init__(self, view: Callable[..., Reply]) -> None:
        self.schema: Schema = getattr(view, "accepts", NoFields)()
        self.needs_body = any(field.required for field in self.schema.load_fields.values())
        self._view, self._takes_body = view, "body" in signature(view).parameters
        fields = self.schema.load_fields.items()
        self._dates = [field.attribute or name for name, field in fields if isinstance(field, EffectiveOn)]

    def call(self, *, body: Any, **path: Any) -> Reply:
        """Run the command, in the current unit of work. Raises NotDivisible for a quantity that no unit allows."""
        require_divisible_quantities(body)
        return self._view(body=body, **path) if self._takes_body else self._view(**path)

    def effective_on(self, body: Any) -> GivenDate | None:
        """Return the business date given in this body, if any."""
        values = body if isinstance(body, dict) else vars(body)
        return next((GivenDate(values[name], name) for name in self._dates if values.get(name)), None)


class CommandTarget:
    """The record that a command is on, as its resource knows it; here for commands on no record."""

    def version_at(self, path: Mapping[str, Any]) -> int | None:
        """Return the current version of the record, if the caller may read it."""

    def possible_at(self, path: Mapping[str, Any]) -> str:
        """Return a sentence with the commands that the caller may send for the record now, if it is known."""
        return ""


def make_command_view(
    view: Callable[..., Reply], *, is_version_required: bool, target: CommandTarget | None = None
) -> Callable[..., Response]:
    """Return the view as a command: it requires an idempotency key; its response is stored and returned again."""
    task, target = DeclaredCommand(view), target or CommandTarget()

    @wraps(view)
    def perform(**path: Any) -> Response:
        environ = current_request()[0].environ
        key = idempotency_key(environ)
        version = expected_version(environ, partial(target.version_at, path) if is_version_required else None)
        raw, document = read_json(environ, needed=task.needs_body)
        body = task.schema.parse(document if raw else {})
        content = canonical_body(raw, document)
        execute = command_executor(key, content, effective_on=task.effective_on(body), expected_version=version)
        try:
            return to_response(retry_until_events_arrive(lambda: execute(lambda: task.call(body=body, **path))))
        except WrongStatus as refused:
            raise type(refused)(f"{refused}{target.possible_at(path)}", field=refused.field) from None

    return perform


def command_executor(key: str, content: bytes, **options: Any) -> Execute:
    """Return the function that executes commands of the current request, with its caller, its key and its digest.

    The key is bound to the digest: another address or other content is another request.
    """
    request, state = current_request()
    query = request.environ["QUERY_STRING"]
    address = f"{request.method} {request.path}" + (f"?{query}" if query else "")
    service = current_service()
    digest = service.keyed_digest(f"{address}\n".encode() + content)
    return partial(service.runner.execute, caller=state.caller, key=key, request_digest=digest, **options)


def retry_until_events_arrive(attempt: Callable[[], T]) -> T:
    """Repeat the attempt until the events it needs from other services arrive, for MAX_WAIT_SECONDS at most.

    It ends sooner once all that these services had published has arrived. Only MAX_WAITING requests wait at once, so
    that references to missing records cannot block other requests.
    """
    awaited = await_events(current_service())
    try:
        return attempt()
    except NotYetAvailable as missing:
        if is_final(missing):
            raise
        if not _waiting.acquire(blocking=False):
            raise NotYetAvailable(str(missing), field=missing.field) from None  # without a wait nothing is unknown yet
        first = missing
    try:
        return _retry_until_available(attempt, first, awaited)
    finally:
        _waiting.release()


def _retry_until_available(attempt: Callable[[], T], missing: NotYetAvailable, awaited: AwaitedEvents) -> T:
    until, pause = time.monotonic() + MAX_WAIT_SECONDS, RETRY_SECONDS
    while True:
        if isinstance(missing, UnknownReference):
            awaited.ask()
        time.sleep(pause)  # polled: the worker, another process, takes in the events
        pause = min(2 * pause, MAX_RETRY_SECONDS)
        awaited.begin_attempt()
        try:
            return attempt()
        except NotYetAvailable as still_missing:
            if is_final(still_missing) or time.monotonic() + pause > until:
                raise
            missing = still_missing


def idempotency_key(environ: Mapping[str, Any]) -> str:
    """Return the key. Raises ProblemError 400 if it is missing, 422 unless it is one key of 1 to 255 characters."""
    key: str | None = environ.get("HTTP_IDEMPOTENCY_KEY")
    if not key:
        detail = "Idempotency-Key is required: a unique value for each command."
        raise ProblemError(400, "idempotency_key_missing", detail)
    if not _KEY.fullmatch(key):
        detail = f"must be one key of 1 to {MAX_KEY_LENGTH} printable ASCII characters without a comma"
        raise invalid_value("/Idempotency-Key", "malformed_key", detail)
    return key


def expected_version(environ: Mapping[str, Any], current_version: Callable[[], int | None] | None) -> int | None:
    """Return the version in If-Match; none for `*`, any version. `current_version` is given where one is required.

    Raises ProblemError 428 if it is required and missing, 400 unless it is one strong ETag (RFC 9110).
    """
    given: str | None = environ.get("HTTP_IF_MATCH")
    if given is None and current_version:
        raise _version_missing(current_version())
    if given is None or given.strip() == "*":
        return None
    version = _VERSION.fullmatch(given.strip())
    if not version:
        raise ProblemError(400, "malformed_version", _malformed_version(given.strip()))
    return int(version[1])


def _version_missing(current: int | None) -> ProblemError:
    if current is None:
        return ProblemError(428, "version_missing", "If-Match with the current ETag is required.")
    etag = f'"{current}"'
    detail = f"If-Match with the current ETag is required: now {etag}. Read the record before you change it."
    return ProblemError(428, "version_missing", detail, headers={"ETag": etag}, current_version=current)


def _malformed_version(given: str) -> str:
    weak = _VERSION.fullmatch(given.removeprefix("W/"))
    if weak:
        return f'If-Match needs a strong ETag, and {given} is weak, as a compressing proxy makes it: send "{weak[1]}".'
    return 'If-Match must be one ETag, such as "7", or *.'
