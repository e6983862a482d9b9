"""Refusals by the server itself, before an app sees the request: problems (RFC 9457) like those of the apps."""

from http import HTTPStatus
from secrets import token_hex

from gunicorn.http import errors

from shared.codec import encode
from shared.openapi.problem_components import MEDIA_TYPE
from shared.telemetry import log

MAX_PATH_LENGTH = 300


class Refusal(Exception):
    """Raised to refuse a request and close its connection."""

    def __init__(self, status: int, code: str, detail: str, *, retry_seconds: int = 0) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.retry_seconds = status, code, detail, retry_seconds


def too_slow(part: str) -> Refusal:
    return Refusal(408, "too_slow", f"The {part} did not arrive in time. Send it again.")


def cut() -> Refusal:
    return Refusal(400, "cut", "The body is incomplete. Send it again.")


def too_many_connections() -> Refusal:
    detail = "Too many connections from this address. Close some, or use them again."
    return Refusal(429, "too_many_connections", detail, retry_seconds=1)


def no_room() -> Refusal:
    detail = "There is no room to store the body. Try again soon."
    return Refusal(503, "no_room", detail, retry_seconds=5)


def internal_error() -> Refusal:
    return Refusal(500, "internal_error", "Internal error. The trace id identifies it in the logs.")


def refusal_of_head(error: Exception) -> Refusal:
    """Return the refusal of a head that gunicorn's parser does not accept."""
    if isinstance(error, errors.LimitRequestLine):
        return Refusal(414, "too_long", "The address is too long.")
    if isinstance(error, errors.LimitRequestHeaders):
        return Refusal(431, "headers_too_large", "The headers are too large or too many.")
    if isinstance(error, errors.UnsupportedTransferCoding):
        return Refusal(501, "unsupported_encoding", "Unknown Transfer-Encoding. Send the body in one piece or chunked.")
    if isinstance(error, errors.ExpectationFailed):
        return Refusal(417, "unknown_expectation", "Unknown Expect header. Allowed: 100-continue.")
    return Refusal(400, "malformed_request", "The request is malformed.")


def encode_refusal(refusal: Refusal, path: str = "") -> bytes:
    """Return the complete response, and log it with the trace id that it carries."""
    trace_id = token_hex(16)
    log.info("request refused", status=refusal.status, code=refusal.code, trace_id=trace_id)
    title = HTTPStatus(refusal.status).phrase
    body = encode(
        {
            "type": f"urn:sihe:problem:{refusal.code}",
            "title": title,
            "status": refusal.status,
            "detail": refusal.detail,
            "instance": path[:MAX_PATH_LENGTH],
            "code": refusal.code,
            "trace_id": trace_id,
        }
    )
    lines = [
        f"HTTP/1.1 {refusal.status} {title}",
        f"Content-Type: {MEDIA_TYPE}",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        *([f"Retry-After: {refusal.retry_seconds}"] if refusal.retry_seconds else []),
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
