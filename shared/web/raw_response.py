"""Responses that are sent as they are: the library's own steps for every response cost more than their content."""

from typing import TYPE_CHECKING, Any

from flask import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SAFE_HEADERS = (
    ("Cache-Control", "no-store"),
    ("Vary", "Authorization, Accept"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
)
"""Headers of every response that does not set them itself."""


class CompleteResponse(Response):
    """A response whose headers and body are sent as they are, without further steps of the library."""

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        start_response(self.status, self.headers.to_wsgi_list())
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.get_data()]


class RawResponse(CompleteResponse):
    """A complete response, sent with the safe headers.

    With `must_close` it closes the connection, so that the rest of the request is not read. The server needs the call
    because it decides on the connection itself.
    """

    must_close = False

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        server: Any = getattr(start_response, "__self__", None)
        if self.must_close and hasattr(server, "force_close"):
            server.force_close()
        self.headers.extend(SAFE_HEADERS)
        return super().__call__(environ, start_response)
