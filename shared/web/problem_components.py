"""OpenAPI components of problem responses: one schema, and a description and example for each status."""

from http import HTTPStatus
from typing import Any

from shared.web.problems import MEDIA_TYPE

Doc = dict[str, Any]

_ERROR_SCHEMA: Doc = {
    "type": "object",
    "properties": {
        "pointer": {"type": "string", "description": "RFC 6901 in the body; `/<name>` of a parameter or a header."},
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
    "required": ["pointer", "code", "detail"],
}
PROBLEM_SCHEMA: Doc = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `trace_id` finds the request in the logs.",
    "properties": {
        **{name: {"type": "string"} for name in ("type", "title", "detail", "instance", "code", "trace_id")},
        "status": {"type": "integer"},
        "errors": {"type": "array", "items": _ERROR_SCHEMA},
    },
    "required": ["type", "title", "status", "detail", "instance", "code", "trace_id"],
}
_SERVER_STATUSES = (400, 414)
"""Statuses that gunicorn also sends itself, with its own page."""

_RETRY_AFTER = {"Retry-After": "Seconds to wait."}

_PROBLEMS: dict[int, tuple[str, str, str, dict[str, str]]] = {
    400: ("The request is malformed.", "malformed_json", "Malformed JSON: line 1 column 2.", {}),
    401: ("Authentication required.", "unidentified",
          "Authentication required (Authorization: Bearer <key>).", {"WWW-Authenticate": "The authentication scheme."}),
    403: ("The caller lacks the permission.", "forbidden", "The roles of this key do not allow this request.", {}),
    404: ("The resource is not found.", "not_found", "Unknown address.", {}),
    408: ("The body did not arrive.", "too_slow", "The body did not arrive in time. Send it again.", {}),
    409: ("A business rule refuses the command.", "wrong_status", "SalesOrder is placed, not draft", {}),
    412: ("The resource has changed.", "stale", "the current version is 8", {"ETag": "The current version."}),
    413: ("The body is too large.", "too_large", "The body exceeds 1048576 bytes.", {}),
    414: ("The address is too long.", "too_long", "The address is too long.", {}),
    415: ("Unsupported media type.", "unsupported_media_type", "The body must be application/json in UTF-8.", {}),
    422: ("A value is invalid.", "invalid_input", "One value is invalid.", {}),
    428: ("If-Match is missing.", "version_missing", "If-Match with the current ETag is required.", {}),
    503: ("Temporarily unavailable; try again.", "behind", "customers is behind", _RETRY_AFTER),
}  # fmt: skip


def problem_references(*statuses: str) -> dict[str, str]:
    """Return the responses of these statuses, as names of their components."""
    return {status: f"Problem{status}" for status in statuses}


def problem_responses() -> dict[str, Doc]:
    """Return the components of problem responses, one for each status."""
    return {f"Problem{status}": _problem_response(status, *texts) for status, texts in _PROBLEMS.items()}


def _problem_response(status: int, description: str, code: str, detail: str, headers: dict[str, str]) -> Doc:
    example: Doc = {
        "type": f"urn:sihe:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": "/api/v1/crm/sales-orders",
        "code": code,
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    }
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        error = {"pointer": "/lines/0/quantity", "code": "out_of_range", "detail": "must be greater than 0"}
        example["errors"] = [error]
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}
    if status in _SERVER_STATUSES:
        content |= {"text/html": {}}
    doc: Doc = {"description": description, "content": content}
    if headers:
        doc["headers"] = {name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()}
    return doc
