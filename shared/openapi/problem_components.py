"""OpenAPI components of problem responses: one schema, and a description and example for each status."""

from http import HTTPStatus

from shared.openapi.shapes import Doc, described_members, described_object, list_schema, response_headers

MEDIA_TYPE = "application/problem+json"

_STRING = {"type": "string"}
_ERROR = described_object("ProblemError", dict.fromkeys(("pointer", "code", "detail"), _STRING))
_ERROR["properties"] |= described_members("ProblemError", dict.fromkeys(("column", "cell"), _STRING))
ERRORS_SCHEMA: Doc = list_schema(_ERROR)
PROBLEM_SCHEMA: Doc = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `trace_id` finds the request in the logs.",
    "properties": described_members(
        "Problem",
        {
            **dict.fromkeys(("type", "title", "detail", "instance", "code", "trace_id"), _STRING),
            "status": {"type": "integer"},
            "errors": ERRORS_SCHEMA,
        },
    ),
    "required": ["type", "title", "status", "detail", "instance", "code", "trace_id"],
}
_RETRY_AFTER = {"Retry-After": "Seconds to wait."}

_PROBLEMS: dict[int, tuple[str, str, str, dict[str, str]]] = {
    400: ("The request is malformed.", "malformed_json", "Malformed JSON: line 1 column 2.", {}),
    401: ("Authentication required.", "authentication_required",
          "Authentication required (Authorization: Bearer <key>).", {"WWW-Authenticate": "The authentication scheme."}),
    403: ("The caller lacks the permission.", "forbidden", "The roles of this key do not allow this request.", {}),
    404: ("The resource is not found.", "not_found", "Unknown address.", {}),
    406: ("No media type is acceptable.", "not_acceptable",
          "This address answers application/json: accept one of them, or omit the header Accept.", {}),
    408: ("The request did not arrive in time.", "too_slow", "The body did not arrive in time. Send it again.", {}),
    409: ("A business rule refuses the command.", "wrong_status",
          "Sales order SO-12 is invoiced; to place it, it must be draft. No command is possible now.", {}),
    412: ("The resource has changed.", "stale", "the current version is 8", {"ETag": "The current version."}),
    413: ("The body is too large.", "too_large", "The body exceeds 1048576 bytes. Split it into several requests.", {}),
    414: ("The address is too long.", "too_long", "The address is too long.", {}),
    415: ("Unsupported media type.", "unsupported_media_type", "The body must be application/json in UTF-8.", {}),
    422: ("A value is invalid.", "invalid_input", "One value is invalid.", {}),
    428: ("If-Match is missing.", "version_missing", "If-Match with the current ETag is required.",
          {"ETag": "The current version, if the caller may read it."}),
    429: ("Too many requests, wrong keys, or imports at once.", "too_many_requests", "Too many requests with this key.",
          _RETRY_AFTER),
    431: ("The headers are too large.", "headers_too_large", "The headers are too large or too many.", {}),
    503: ("Temporarily unavailable; try again.", "behind", "customers is behind", _RETRY_AFTER),
}  # fmt: skip


def problem_references(*statuses: str) -> dict[str, str]:
    """Return references to the problem responses of these statuses."""
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
    return {"description": description, "content": content, **response_headers(headers)}
