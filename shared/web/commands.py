"""How a view becomes a command: body judged, key and version read, done once in one unit of work."""

import re
import threading
import time
from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from inspect import signature
from typing import Any, TypeVar

from flask import Request, Response, current_app

from shared.domain import NotYetKnown
from shared.service import Outcome, Service
from shared.web.answers import Reply, response
from shared.web.body import read_json
from shared.web.fields import EffectiveOn
from shared.web.problems import Problem, now_answered, wrong
from shared.web.schema import Schema

T = TypeVar("T")

LONGEST_KEY = 255
NEWS_SECONDS = 2.0
LOOK_AGAIN_SECONDS = 0.02
MOST_WAITING = 4
"""Half of the threads of an API process."""

_waiting = threading.BoundedSemaphore(MOST_WAITING)

_KEY = re.compile(r"[\x20-\x7e]{1,255}")
_VERSION = re.compile(r'"([0-9]{1,15})"')


class Nothing(Schema):
    """A command that needs nothing said."""


class Effective(Schema):
    """A command that needs at most a business date."""

    effective_on = EffectiveOn(allow_none=True)


class Task:
    """A view as something to do: what it must be told, and from which day it counts."""

    def __init__(self, view: Callable[..., Reply]) -> None:
        self.schema: Schema = getattr(view, "accepts", Nothing)()
        self.needs_body = any(field.required for field in self.schema.load_fields.values())
        self.do: Callable[..., Reply] = view if "body" in signature(view).parameters else _without_body(view)
        fields = self.schema.load_fields.items()
        self._dates = [field.attribute or name for name, field in fields if isinstance(field, EffectiveOn)]

    def effective_on(self, body: Mapping[str, Any]) -> date | None:
        """The business date given in this body."""
        return next((body[name] for name in self._dates if body.get(name)), None)


def _without_body(view: Callable[..., Reply]) -> Callable[..., Reply]:
    return lambda body, **path: view(**path)


def command(view: Callable[..., Reply], *, version_needed: bool) -> Callable[..., Response]:
    """The view as a command: its idempotency key is required, its answer is stored and given again."""
    task = Task(view)

    @wraps(view)
    def perform(**path: Any) -> Response:
        service: Service = current_app.extensions["service"]
        asked, known = now_answered()
        key, version = idempotency_key(asked.environ), expected_version(asked.environ, needed=version_needed)
        raw, document = read_json(asked.environ, needed=task.needs_body)
        body = task.schema.judged(document if raw else {})
        digest = request_digest(service, asked, raw)

        def once() -> Outcome:
            return service.perform(
                lambda: task.do(body=body, **path),
                caller=known.caller,
                key=key,
                request=digest,
                effective_on=task.effective_on(body),
                expected_version=version,
            )

        return response(when_known(once), service)

    return perform


def request_digest(service: Service, asked: Request, raw: bytes) -> str:
    """What a key belongs to: another address or body is another request."""
    address = f"{asked.method} {asked.path}" + (f"?{query}" if (query := asked.environ["QUERY_STRING"]) else "")
    return service.keyed_digest(f"{address}\n".encode() + raw)


def when_known(attempt: Callable[[], T]) -> T:
    """Try again while news from another service may still arrive. Raises NotYetKnown when it has not in time.

    Only a few may wait at once: whoever names what does not exist must not hold up the others.
    """
    try:
        return attempt()
    except NotYetKnown:
        if not _waiting.acquire(blocking=False):
            raise
    try:
        return _again_until_known(attempt)
    finally:
        _waiting.release()


def _again_until_known(attempt: Callable[[], T]) -> T:
    until = time.monotonic() + NEWS_SECONDS
    while True:
        time.sleep(LOOK_AGAIN_SECONDS)
        try:
            return attempt()
        except NotYetKnown:
            if time.monotonic() + LOOK_AGAIN_SECONDS > until:
                raise


def idempotency_key(environ: Mapping[str, Any]) -> str:
    """The key of this command. Problem 400 without one, 422 unless it is 1 to 255 printable ASCII characters."""
    key: str | None = environ.get("HTTP_IDEMPOTENCY_KEY")
    if not key:
        raise Problem(400, "idempotency_key_missing", "A command needs an Idempotency-Key of its own.")
    if not _KEY.fullmatch(key):
        raise wrong("/Idempotency-Key", "malformed_key", f"must be 1 to {LONGEST_KEY} printable ASCII characters")
    return key


def expected_version(environ: Mapping[str, Any], *, needed: bool) -> int | None:
    """The version the caller saw. Problem 428 where it is needed and missing, 400 unless it is one strong ETag."""
    given: str | None = environ.get("HTTP_IF_MATCH")
    if given is None:
        if needed:
            raise Problem(428, "version_missing", "Say in If-Match which version you saw.")
        return None
    version = _VERSION.fullmatch(given.strip())
    if not version:
        raise Problem(400, "malformed_version", 'If-Match must be one version as its ETag shows it, such as "7".')
    return int(version[1])
