"""Whatever goes wrong is told in one form (RFC 9457) with a stable `code`, and nothing from inside."""

import random
import re
from collections.abc import Iterable, Mapping
from functools import singledispatch
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Request, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from shared.codec import encode
from shared.domain import InvalidInput, NeedsAnother, NotFound, NotYetKnown, NotYours, Refused
from shared.identity import Unidentified
from shared.service import Behind, Conflict, KeyReused, Stale
from shared.store import FromTheFuture, StoreError
from shared.telemetry import log, where

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MEDIA_TYPE = "application/problem+json"
PUBLIC_PREFIX = "PUBLIC_PREFIX"
SHOWN_OF_A_PATH = 300
BODY_READ = "sihe.body_read"
READ_AWAY = 32_768
MOST_ERRORS = 100

SAFE_HEADERS = (
    ("Cache-Control", "no-store"),
    ("Vary", "Authorization"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
)
"""On every answer that does not say otherwise."""

_UNEXPECTED = "Something went wrong on our side. The trace id finds it in our logs."
_SENTENCES: Mapping[int, str] = {
    400: "This is not a proper request.",
    404: "There is nothing here.",
    405: "This cannot be done here; Allow names what can.",
    413: "The body is too large.",
    414: "The address is too long.",
}


class Problem(Exception):
    """An answer that is not what was hoped for. `errors` name the places in the body or the query that are wrong."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Iterable[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors = list(errors)[:MOST_ERRORS]
        self.headers = dict(headers or {})
        self.members = members


def wrong(pointer: str, code: str, detail: str) -> Problem:
    """422 for one value. `pointer` is RFC 6901 in a body, `/<name>` of a header or a parameter."""
    return Problem(
        422, "invalid_input", "One value is wrong.", errors=[{"pointer": pointer, "code": code, "detail": detail}]
    )


@singledispatch
def problem_of(error: Exception) -> Problem:
    """What to tell of an error. Anything nobody foresaw is a 500 that says nothing."""
    log.error("unexpected", error=type(error).__qualname__, at=where(error))
    return Problem(500, "internal_error", _UNEXPECTED)


@problem_of.register
def _(error: Problem) -> Problem:
    return error


@problem_of.register
def _(error: HTTPException) -> Problem:
    status = error.code or 500
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    code = re.sub(r"\W+", "_", error.name.lower())
    return Problem(status, code, _SENTENCES.get(status, f"{error.name}."), headers=headers)


@problem_of.register
def _(error: Refused) -> Problem:
    return Problem(409, error.code, str(error), errors=_named(error))


@problem_of.register(NeedsAnother)
@problem_of.register(NotYours)
def _(error: Refused) -> Problem:
    return Problem(403, error.code, str(error), errors=_named(error))


@problem_of.register
def _(error: InvalidInput) -> Problem:
    return wrong(pointer_to(error.field), error.code, str(error))


@problem_of.register
def _(error: NotYetKnown) -> Problem:
    return Problem(409, error.code, str(error), errors=_named(error), headers=_later())


@problem_of.register
def _(error: NotFound) -> Problem:
    return Problem(404, "not_found", str(error))


@problem_of.register
def _(error: Unidentified) -> Problem:
    log.warning("unidentified", reason=str(error))
    return Problem(
        401, "unidentified", "Who are you? Nobody vouches for this request.", headers={"WWW-Authenticate": "Bearer"}
    )


@problem_of.register
def _(error: KeyReused) -> Problem:
    return wrong("/Idempotency-Key", "key_reused", str(error))


@problem_of.register
def _(error: Conflict) -> Problem:
    return Problem(409, "conflict", str(error), headers=_later())


@problem_of.register
def _(error: Stale) -> Problem:
    return Problem(412, "stale", str(error), headers={"ETag": f'"{error.current}"'}, current_version=error.current)


@problem_of.register
def _(error: Behind) -> Problem:
    return Problem(503, "behind", str(error), headers=_later())


@problem_of.register(StoreError)
@problem_of.register(FromTheFuture)
def _(error: Exception) -> Problem:
    log.error("store", error=type(error).__qualname__, reason=str(error), at=where(error))
    return Problem(503, "store_unavailable", "The records cannot be reached now. Try again soon.", headers=_later())


def _named(error: Refused) -> list[dict[str, str]]:
    """What is to blame, where the rule says it."""
    if not error.field:
        return []
    return [{"pointer": pointer_to(error.field), "code": error.code, "detail": str(error)}]


def _later() -> dict[str, str]:
    """Not all at once: clients come back spread over some seconds."""
    return {"Retry-After": str(random.randint(1, 3))}  # noqa: S311 (jitter, not a secret)


def pointer_to(field: str | None) -> str:
    """`lines/0/quantity` as an RFC 6901 pointer."""
    return f"/{field.lstrip('/')}" if field else ""


class Answer(Response):
    """A whole answer in bytes, sent as it is and with the safe headers; the library has nothing left to finish."""

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        start_response(self.status, [*self.headers.to_wsgi_list(), *SAFE_HEADERS])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.get_data()]


class LastAnswer(Answer):
    """The connection ends with it: what the client may still be sending is not read. gunicorn is told by a call,
    it takes no notice of a `Connection` header."""

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        server: Any = getattr(start_response, "__self__", None)
        if hasattr(server, "force_close"):
            server.force_close()
        return super().__call__(environ, start_response)


def now_answered() -> tuple[Request, Any]:
    """The request that is being answered, and `g`.

    Themselves, not Flask's proxies for them, which look them up at each mention: in every request that counts.
    """
    return request._get_current_object(), g._get_current_object()  # type: ignore[attr-defined]


def told(problem: Problem) -> dict[str, Any]:
    """The problem in the one form, as an answer to the request that is being answered."""
    said: dict[str, Any] = {
        "type": f"urn:sihe:problem:{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "instance": quote(current_app.config.get(PUBLIC_PREFIX, "") + request.path)[:SHOWN_OF_A_PATH],
        "code": problem.code,
        "trace_id": g.get("trace_id"),
        **problem.members,
    }
    return said | ({"errors": problem.errors} if problem.errors else {})


def answer_problem(error: Exception) -> Response:
    """The error as an answer."""
    problem = problem_of(error)
    g.problem = problem.code
    headers = {"Content-Type": MEDIA_TYPE, **problem.headers}
    last = "Connection" in headers or _leaves_much_unread(request.environ)
    return (LastAnswer if last else Answer)(encode(told(problem)), problem.status, headers)


def _leaves_much_unread(environ: "WSGIEnvironment") -> bool:
    """A small rest is read away by the server, so that the connection can be used again."""
    if environ.get(BODY_READ):
        return False
    stated = environ.get("CONTENT_LENGTH") or "0"
    return "HTTP_TRANSFER_ENCODING" in environ or not stated.isdecimal() or int(stated) > READ_AWAY
