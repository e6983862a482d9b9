"""Proxy: forwards a request to a service and returns the response, with a fixed list of headers."""

import random
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Response, g

from gateway.access.roles import patterns_of
from shared.command_context import Caller
from shared.http_client import HttpClient, Unreachable
from shared.http_connection import Body, HttpResponse
from shared.identity import Target, TokenSigner
from shared.web.problems import ProblemError, problem_of
from shared.web.raw_response import CompleteResponse
from shared.web.replies import PERSONAL_DATA_HEADER

FORWARDED_HEADERS = {
    "CONTENT_TYPE": "Content-Type",
    "HTTP_CONTENT_ENCODING": "Content-Encoding",
    "HTTP_ACCEPT": "Accept",
    "HTTP_IDEMPOTENCY_KEY": "Idempotency-Key",
    "HTTP_IF_MATCH": "If-Match",
    "HTTP_IF_NONE_MATCH": "If-None-Match",
}
"""The only headers of a client that a service receives; the gateway itself states the identity of the caller."""

DROPPED_HEADERS = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date", PERSONAL_DATA_HEADER.lower()}
)
"""Headers of a response that are not forwarded: those of its connection, and the mark of personal data."""


def identity_headers(signer: TokenSigner, caller: Caller, target: Target) -> dict[str, str]:
    """Return the headers with the signed identity and the permissions of the caller, and the trace context."""
    token = signer.issue_token(
        caller.actor, caller.roles, target, caller.on_behalf_of, only_own=caller.only_own,
        **patterns_of(frozenset(caller.roles), target.audience)._asdict(),
    )  # fmt: skip
    headers = {"Authorization": f"Bearer {token}"}
    if caller.traceparent:
        headers["traceparent"] = caller.traceparent
    return headers


def forwarded_headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """Return the client headers to forward, also empty ones: the service must refuse an invalid empty header."""
    return {
        name: environ[variable] for variable, name in FORWARDED_HEADERS.items() if environ.get(variable) is not None
    }


def to_flask_response(response: HttpResponse) -> Response:
    """Return a service's response as a Flask response, without connection headers.

    The mark of an answer that shows persons is noted for the access log, not forwarded.
    """
    if response.header(PERSONAL_DATA_HEADER.lower()):
        g.shows_personal_data = True
    headers = [(name, value) for name, value in response.headers if name.lower() not in DROPPED_HEADERS]
    return CompleteResponse(response.body, response.status, headers)


@problem_of.register
def service_unavailable(error: Unreachable) -> ProblemError:
    """ProblemError 503 that names the service; Retry-After is random, so that clients do not retry all at once."""
    return ProblemError(
        503, "service_unavailable",
        f"{error.service} does not answer. Repeat the request: a command with the same "
        "Idempotency-Key is executed once.",
        headers={"Retry-After": str(random.randint(1, 3))}, service=error.service,  # noqa: S311 (jitter, not a secret)
    )  # fmt: skip


def forward(
    upstream: HttpClient,
    signer: TokenSigner,
    caller: Caller,
    environ: Mapping[str, Any],
    path: str,
    body: Body = None,
    timeout: float | None = None,
) -> Response:
    """Return the response of the service to this request. Raises Unreachable if there is none."""
    method = "GET" if environ["REQUEST_METHOD"] == "HEAD" else environ["REQUEST_METHOD"]
    query = environ.get("QUERY_STRING")
    headers = identity_headers(signer, caller, Target(upstream.name, method, path)) | forwarded_headers(environ)
    address = quote(path) + (f"?{query}" if query else "")
    return to_flask_response(upstream.request(method, address, headers, body, timeout=timeout))
