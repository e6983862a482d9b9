"""Problem responses: one form for all errors (RFC 9457), with a stable `code` and no internal details."""

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
from shared.domain import AccessDenied, DomainError, FourEyesRequired, InvalidInput, NotFound, NotYetAvailable
from shared.identity import AuthenticationFailed
from shared.service import IdempotencyKeyReused, ProjectionBehind, RetriesExhausted, StaleVersion
from shared.store import StoreError, UnsupportedEventVersion
from shared.telemetry import error_location, log

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MEDIA_TYPE = "application/problem+json"
PUBLIC_PREFIX = "PUBLIC_PREFIX"
MAX_PATH_LENGTH = 300
BODY_READ = "sihe.body_read"
MAX_DISCARDED_BYTES = 32_768
MAX_ERRORS = 100

SAFE_HEADERS = (
    ("Cache-Control", "no-store"),
    ("Vary", "Authorization"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
)
"""Headers of every response that does not set them itself."""

_INTERNAL_ERROR_DETAIL = "Internal error. The trace id identifies it in the logs."
_DETAIL_BY_STATUS: Mapping[int, str] = {
    400: "The request is malformed.",
    404: "Unknown address.",
    405: "Method not allowed. Allowed methods are in the Allow header.",
    413: "The body is too large.",
    414: "The address is too long.",
}


class Problem(Exception):
    """Raised to respond with an error. `errors` lists the invalid places in the body or the query."""

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
        self.errors = list(errors)[:MAX_ERRORS]
        self.headers = dict(headers or {})
        self.members = members


def invalid_value(pointer: str, code: str, detail: str) -> Problem:
    """Return a 422 for one value. `pointer` is RFC 6901 in a body, `/<name>` for a header or a parameter."""
    return Problem(
        422, "invalid_input", "One value is invalid.", errors=[{"pointer": pointer, "code": code, "detail": detail}]
    )


@singledispatch
def problem_of(error: Exception) -> Problem:
    """Return the problem for an error. An unexpected error is a 500 without details."""
    log.error("unexpected", error=type(error).__qualname__, at=error_location(error))
    return Problem(500, "internal_error", _INTERNAL_ERROR_DETAIL)


@problem_of.register
def _(error: Problem) -> Problem:
    return error


@problem_of.register
def _(error: HTTPException) -> Problem:
    status = error.code or 500
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    code = re.sub(r"\W+", "_", error.name.lower())
    return Problem(status, code, _DETAIL_BY_STATUS.get(status, f"{error.name}."), headers=headers)


@problem_of.register
def _(error: DomainError) -> Problem:
    return Problem(409, error.code, str(error), errors=_errors_of(error))


@problem_of.register(FourEyesRequired)
@problem_of.register(AccessDenied)
def _(error: DomainError) -> Problem:
    return Problem(403, error.code, str(error), errors=_errors_of(error))


@problem_of.register
def _(error: InvalidInput) -> Problem:
    return invalid_value(pointer_to(error.field), error.code, str(error))


@problem_of.register
def _(error: NotYetAvailable) -> Problem:
    return Problem(409, error.code, str(error), errors=_errors_of(error), headers=_retry_after())


@problem_of.register
def _(error: NotFound) -> Problem:
    return Problem(404, "not_found", str(error))


@problem_of.register
def _(error: AuthenticationFailed) -> Problem:
    log.warning("unidentified", reason=str(error))
    return Problem(401, "unidentified", "Authentication required.", headers={"WWW-Authenticate": "Bearer"})


@problem_of.register
def _(error: IdempotencyKeyReused) -> Problem:
    return invalid_value("/Idempotency-Key", "key_reused", str(error))


@problem_of.register
def _(error: RetriesExhausted) -> Problem:
    return Problem(409, "conflict", str(error), headers=_retry_after())


@problem_of.register
def _(error: StaleVersion) -> Problem:
    return Problem(
        412, "stale", str(error), headers={"ETag": f'"{error.current_version}"'}, current_version=error.current_version
    )


@problem_of.register
def _(error: ProjectionBehind) -> Problem:
    return Problem(503, "behind", str(error), headers=_retry_after())


@problem_of.register(StoreError)
@problem_of.register(UnsupportedEventVersion)
def _(error: Exception) -> Problem:
    log.error("store", error=type(error).__qualname__, reason=str(error), at=error_location(error))
    return Problem(503, "store_unavailable", "The store is not available. Try again soon.", headers=_retry_after())


def _errors_of(error: DomainError) -> list[dict[str, str]]:
    """Return the field that an error names, if any, as a list of errors."""
    if not error.field:
        return []
    return [{"pointer": pointer_to(error.field), "code": error.code, "detail": str(error)}]


def _retry_after() -> dict[str, str]:
    """Return a random delay, so that clients do not retry all at once."""
    return {"Retry-After": str(random.randint(1, 3))}  # noqa: S311 (jitter, not a secret)


def pointer_to(field: str | None) -> str:
    """Return a field such as `lines/0/quantity` as an RFC 6901 pointer."""
    return f"/{field.lstrip('/')}" if field else ""


class RawResponse(Response):
    """A complete response in bytes, sent unchanged with the safe headers and without further steps of the library."""

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        start_response(self.status, [*self.headers.to_wsgi_list(), *SAFE_HEADERS])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.get_data()]


class ClosingResponse(RawResponse):
    """A response that closes the connection, so that the rest of the request is not read. gunicorn needs the call
    because it ignores a `Connection` header."""

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        server: Any = getattr(start_response, "__self__", None)
        if hasattr(server, "force_close"):
            server.force_close()
        return super().__call__(environ, start_response)


def current_request() -> tuple[Request, Any]:
    """Return the current request and `g`.

    These are the objects themselves, because Flask's proxies look them up at each use, which slows every request.
    """
    return request._get_current_object(), g._get_current_object()  # type: ignore[attr-defined]


def problem_document(problem: Problem) -> dict[str, Any]:
    """Return the document of the problem, for the current request."""
    document: dict[str, Any] = {
        "type": f"urn:sihe:problem:{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "instance": quote(current_app.config.get(PUBLIC_PREFIX, "") + request.path)[:MAX_PATH_LENGTH],
        "code": problem.code,
        "trace_id": g.get("trace_id"),
        **problem.members,
    }
    return document | ({"errors": problem.errors} if problem.errors else {})


def problem_response(error: Exception) -> Response:
    """Return the problem response for an error."""
    problem = problem_of(error)
    g.problem = problem.code
    headers = {"Content-Type": MEDIA_TYPE, **problem.headers}
    must_close = "Connection" in headers or _has_large_unread_body(request.environ)
    return (ClosingResponse if must_close else RawResponse)(encode(problem_document(problem)), problem.status, headers)


def _has_large_unread_body(environ: "WSGIEnvironment") -> bool:
    """Return whether much of the body is unread; the server reads a small rest, to keep the connection."""
    if environ.get(BODY_READ):
        return False
    stated = environ.get("CONTENT_LENGTH") or "0"
    return "HTTP_TRANSFER_ENCODING" in environ or not stated.isdecimal() or int(stated) > MAX_DISCARDED_BYTES
