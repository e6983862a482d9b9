"""Cross-origin requests: pages of the listed origins may call the API from a browser (Fetch standard, CORS protocol).

Keys are sent in a header and never in cookies, so that credentials mode is not offered.
"""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from gateway.routes import ROUTES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_AGE_SECONDS = 7_200
REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Content-Encoding",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "traceparent",
)
"""Headers of requests that a browser asks about before it sends them; it sends all others that the API reads."""
RESPONSE_HEADERS = (
    "Content-Disposition",
    "ETag",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
)
"""Headers of responses that a page may read, in addition to those that every page may."""

Headers = list[tuple[str, str]]


class CrossOrigin:
    """Answers the questions of browsers before they call, and marks responses to pages of the listed origins."""

    def __init__(self, app: "WSGIApplication", origins: Collection[str]) -> None:
        self._app, self._origins = app, frozenset(origins)
        self._methods = ", ".join(sorted({route.method for route in ROUTES.values()}))

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        origin = environ.get("HTTP_ORIGIN")
        allowed: Headers = [("Access-Control-Allow-Origin", origin)] if origin in self._origins else []
        marks = [("Vary", "Origin"), *allowed]
        if allowed and _is_question(environ):
            start_response("204 No Content", [*marks, *self._permissions()])
            return []
        exposed = [("Access-Control-Expose-Headers", ", ".join(RESPONSE_HEADERS))] if allowed else []
        return self._app(
            environ, lambda status, headers, *failed: start_response(status, [*headers, *marks, *exposed], *failed)
        )

    def _permissions(self) -> Headers:
        return [
            ("Access-Control-Allow-Methods", self._methods),
            ("Access-Control-Allow-Headers", ", ".join(REQUEST_HEADERS)),
            ("Access-Control-Max-Age", str(MAX_AGE_SECONDS)),
        ]


def _is_question(environ: "WSGIEnvironment") -> bool:
    return environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
