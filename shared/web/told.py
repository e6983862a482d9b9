"""How the document tells of problems: one shape, and for each status what it means, with an example."""

from http import HTTPStatus
from typing import Any

from shared.web.problems import MEDIA_TYPE

Doc = dict[str, Any]

_FAULT: Doc = {
    "type": "object",
    "properties": {
        "pointer": {"type": "string", "description": "RFC 6901 in the body; `/<name>` of a parameter or a header."},
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
    "required": ["pointer", "code", "detail"],
}
PROBLEM: Doc = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `trace_id` finds the request in the logs.",
    "properties": {
        **{name: {"type": "string"} for name in ("type", "title", "detail", "instance", "code", "trace_id")},
        "status": {"type": "integer"},
        "errors": {"type": "array", "items": _FAULT},
    },
    "required": ["type", "title", "status", "detail", "instance", "code", "trace_id"],
}
_ALSO_OF_THE_SERVER = (400, 414)
"""What gunicorn itself refuses has its own page."""

_LATER = {"Retry-After": "Seconds to wait."}

_TOLD: dict[int, tuple[str, str, str, dict[str, str]]] = {
    400: ("Not a proper request.", "malformed_json", "This is not JSON: line 1 column 2.", {}),
    401: ("Nobody knows who asks.", "unidentified", "Show a valid key: Authorization: Bearer <key>.",
          {"WWW-Authenticate": "How to say who asks."}),
    403: ("Whoever asks may not do this.", "forbidden", "This key's roles do not include this.", {}),
    404: ("There is no such thing.", "not_found", "There is nothing here.", {}),
    408: ("The body did not come.", "too_slow", "The body did not come in time.", {}),
    409: ("A rule says no, as things stand.", "wrong_status", "SalesOrder is placed, not draft", {}),
    412: ("It has changed meanwhile.", "stale", "the current version is 8", {"ETag": "Its version now."}),
    413: ("Too large.", "too_large", "A body may have 1048576 bytes.", {}),
    414: ("The address is too long.", "too_long", "The address is too long.", {}),
    415: ("Not a form we read.", "unsupported_media_type", "A body must be application/json in UTF-8.", {}),
    422: ("A value cannot be meant.", "invalid_input", "One value is wrong.", {}),
    428: ("The version seen is missing.", "version_missing", "Say in If-Match which version you saw.", {}),
    503: ("Not now; ask again.", "behind", "customers is behind", _LATER),
}  # fmt: skip


def answered(*statuses: str) -> dict[str, str]:
    """These statuses, each told by its component."""
    return {status: f"Problem{status}" for status in statuses}


def responses() -> dict[str, Doc]:
    """The components that tell of problems, one a status."""
    return {f"Problem{status}": _response(status, *told) for status, told in _TOLD.items()}


def _response(status: int, words: str, code: str, detail: str, headers: dict[str, str]) -> Doc:
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
        fault = {"pointer": "/lines/0/quantity", "code": "out_of_range", "detail": "must be more than 0"}
        example["errors"] = [fault]
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}
    if status in _ALSO_OF_THE_SERVER:
        content |= {"text/html": {}}
    told: Doc = {"description": words, "content": content}
    if headers:
        told["headers"] = {name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()}
    return told
