"""Problem responses: one form for all errors (RFC 9457), with a stable `code` and no internal details."""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import singledispatch
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from flask import Request, Response, current_app, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from shared.codec import encode
from shared.command_runner import IdempotencyKeyReused, RetriesExhausted
from shared.domain import (
    AccessDenied,
    DomainError,
    FirmUnknown,
    FourEyesRequired,
    InvalidInput,
    NotFound,
    NotYetAvailable,
    UnknownReference,
)
from shared.identity import AuthenticationFailed
from shared.openapi.problem_components import MEDIA_TYPE
from shared.service import ProjectionBehind
from shared.store import StoreError, UnsupportedEventVersion
from shared.store.integrity import WHOLE_STORE, IntegrityFailure
from shared.store.suspension import StoreNotCompared
from shared.telemetry import error_location, log
from shared.unit_of_work import StaleVersion
from shared.web.raw_response import RawResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PUBLIC_PREFIX = "PUBLIC_PREFIX"
MAX_PATH_LENGTH = 300
BODY_READ = "sihe.body_read"
MAX_DISCARDED_BYTES = 32_768
MAX_ERRORS = 100
MAX_NAME_LENGTH = 60

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\[\]-]{0,39}")
_INTERNAL_ERROR_DETAIL = "Internal error. The trace id identifies it in the logs."
_DETAIL_BY_STATUS: Mapping[int, str] = {
    400: "The request is malformed.",
    404: "Unknown address.",
    413: "The body is too large.",
    414: "The address is too long.",
}


Texts = Mapping[str, str]
_NONE: Texts = MappingProxyType({})


class ProblemError(Exception):
    """Raised to respond with a problem. `errors` lists the invalid places in the body or the query."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Iterable[Texts] = (),
        headers: Texts = _NONE,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors = list(errors)[:MAX_ERRORS]
        self.headers = dict(headers)
        self.members = members


def invalid_value(pointer: str, code: str, detail: str) -> ProblemError:
    """Return the problem 422 for one value. `pointer` is RFC 6901 in a body, `/<name>` for a header or a parameter."""
    return invalid_values([_error_at(pointer, code, detail)])


def invalid_values(errors: Sequence[Texts]) -> ProblemError:
    """Return the problem 422 for invalid values, each with its pointer, code and detail."""
    detail = "One value is invalid." if len(errors) == 1 else "Some values are invalid."
    return ProblemError(422, "invalid_input", detail, errors=errors)


def unknown_name_detail(kind: str, name: str, allowed: Iterable[str]) -> str:
    """Return the detail text for a name that is not allowed, of a field, a parameter or a column.

    It repeats the name only if it has the form of one: what is typed in its place can be a value, even a personal one.
    """
    shown = f" '{name}'" if is_plain_name(name) else ""
    return f"Unknown {kind}{shown}. Allowed: {', '.join(allowed) or 'none'}."


def is_plain_name(name: str) -> bool:
    """Return whether a text has the form of the name of a field, a parameter or a column."""
    return _PLAIN_NAME.fullmatch(name) is not None


@singledispatch
def problem_of(error: Exception) -> ProblemError:
    """Return the ProblemError for an exception. An unexpected one is a 500 without details."""
    log.error("unexpected", error=type(error).__qualname__, at=error_location(error))
    return ProblemError(500, "internal_error", _INTERNAL_ERROR_DETAIL)


@problem_of.register
def _(error: ProblemError) -> ProblemError:
    return error


@problem_of.register
def _(error: HTTPException) -> ProblemError:
    status = error.code or 500
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    code = re.sub(r"\W+", "_", error.name.lower())
    detail = _DETAIL_BY_STATUS.get(status, f"{error.name}.")
    if isinstance(error, MethodNotAllowed):
        allowed = sorted({*(error.valid_methods or ())} - {"HEAD", "OPTIONS"})
        detail = f"This address does not allow {request.method[:MAX_NAME_LENGTH]}. Allowed: {', '.join(allowed)}."
    return ProblemError(status, code, detail, headers=headers)


@problem_of.register
def _(error: DomainError) -> ProblemError:
    status = 403 if isinstance(error, FourEyesRequired | AccessDenied) else 409
    headers = _retry_after() if isinstance(error, NotYetAvailable) else {}
    errors = [_error_at(_pointer_to(error.field), error.code, str(error))] if error.field else ()
    return ProblemError(status, error.code, str(error), errors=errors, headers=headers)


@problem_of.register
def _(error: UnknownReference) -> ProblemError:
    """The record is unknown, unless events of its service are missing: then it may still arrive."""
    awaited = current_request()[1].get("awaited_events")
    if awaited is None or awaited.have_arrived(error.source):
        if error.field in (request.view_args or ()):
            return ProblemError(404, "not_found", str(error))
        return invalid_value(_pointer_to(error.field), error.code, str(error))
    detail = f"{error}. Events of {error.source.upper()} are missing here: if it is new, try again later"
    return problem_of(NotYetAvailable(detail, field=error.field))


@problem_of.register
def _(error: InvalidInput) -> ProblemError:
    return invalid_value(_pointer_to(error.field), error.code, str(error))


@problem_of.register
def _(error: AuthenticationFailed) -> ProblemError:
    log.warning("authentication failed", reason=str(error))
    return ProblemError(
        401, "authentication_required", "Authentication required.", headers={"WWW-Authenticate": "Bearer"}
    )


@problem_of.register
def _(error: IdempotencyKeyReused) -> ProblemError:
    return invalid_value("/Idempotency-Key", "key_reused", str(error))


@problem_of.register
def _(error: StaleVersion) -> ProblemError:
    version = error.current_version
    return ProblemError(412, "stale", str(error), headers={"ETag": f'"{version}"'}, current_version=version)


problem_of.register(NotFound, lambda error: ProblemError(404, "not_found", str(error)))
problem_of.register(RetriesExhausted, lambda error: ProblemError(409, "conflict", str(error), headers=_retry_after()))
problem_of.register(FirmUnknown, lambda error: ProblemError(503, "firm_unknown", str(error), headers=_retry_after()))
problem_of.register(ProjectionBehind, lambda error: ProblemError(503, "behind", str(error), headers=_retry_after()))


@problem_of.register(StoreError)
@problem_of.register(UnsupportedEventVersion)
def _(error: Exception) -> ProblemError:
    log.error("store", error=type(error).__qualname__, reason=str(error), at=error_location(error))
    return ProblemError(503, "store_unavailable", "The store is not available. Try again soon.", headers=_retry_after())


@problem_of.register
def _(error: IntegrityFailure) -> ProblemError:
    log.error("integrity", reason=str(error), aggregate=str(error.aggregate), at=error_location(error))
    what = str(error) if error.aggregate == WHOLE_STORE else "The stored data of this record was changed from outside."
    return ProblemError(503, "integrity", f"{what.rstrip('.')}. An operator must decide; see the alarms.")


@problem_of.register
def _(error: StoreNotCompared) -> ProblemError:
    return ProblemError(503, "store_not_compared", str(error), headers=_retry_after())


def _error_at(pointer: str, code: str, detail: str) -> dict[str, str]:
    return {"pointer": pointer, "code": code, "detail": detail}


def _retry_after() -> dict[str, str]:
    """Return a random delay, so that clients do not retry all at once."""
    return {"Retry-After": str(random.randint(1, 3))}  # noqa: S311 (jitter, not a secret)


def _pointer_to(field: str | None) -> str:
    """Return a field such as `lines/0/quantity` as an RFC 6901 pointer."""
    return f"/{field.lstrip('/')}" if field else ""


def current_request() -> tuple[Request, Any]:
    """Return the current request and `g`.

    These are the objects themselves, because Flask's proxies look them up at each use, which slows every request.
    """
    return cast("Any", request)._get_current_object(), cast("Any", g)._get_current_object()


def problem_document(problem: ProblemError) -> dict[str, Any]:
    """Return the JSON document of a problem (RFC 9457), for the current request."""
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
    """Return the HTTP response (RFC 9457) for an exception."""
    problem = problem_of(error)
    g.problem = problem.code
    headers = {"Content-Type": MEDIA_TYPE, **problem.headers}
    response = RawResponse(encode(problem_document(problem)), problem.status, headers)
    response.must_close = "Connection" in headers or _has_large_unread_body(request.environ)
    return response


def _has_large_unread_body(environ: "WSGIEnvironment") -> bool:
    """Return whether much of the body is unread; the server reads a small rest, to keep the connection."""
    if environ.get(BODY_READ):
        return False
    stated = environ.get("CONTENT_LENGTH") or "0"
    return "HTTP_TRANSFER_ENCODING" in environ or not stated.isdecimal() or int(stated) > MAX_DISCARDED_BYTES
