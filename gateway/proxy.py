"""Handing a request on to the service that answers it, and its answer back: nothing added, nothing let through."""

import random
from collections.abc import Mapping
from typing import Any

from flask import Response

from gateway.upstream import Answer, Unreachable, Upstream
from shared.identity import Signer
from shared.service import Caller
from shared.web.problems import Problem, problem_of

HANDED_ON = {
    "CONTENT_TYPE": "Content-Type",
    "HTTP_CONTENT_ENCODING": "Content-Encoding",
    "HTTP_ACCEPT": "Accept",
    "HTTP_IDEMPOTENCY_KEY": "Idempotency-Key",
    "HTTP_IF_MATCH": "If-Match",
    "HTTP_IF_NONE_MATCH": "If-None-Match",
}
"""The only headers of a client that a service ever sees. Who asks is said by us alone."""

KEPT_BACK = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date"})
"""Headers of an answer that belong to the connection it came over."""


def vouched(signer: Signer, caller: Caller, service: str) -> dict[str, str]:
    """The headers that tell a service who asks, and in which trace."""
    token = signer.token(caller.actor, caller.roles, service, caller.on_behalf_of, only_own=caller.only_own)
    headers = {"Authorization": f"Bearer {token}"}
    if caller.traceparent:
        headers["traceparent"] = caller.traceparent
    return headers


def handed_on(environ: Mapping[str, Any]) -> dict[str, str]:
    """Also those that are empty: what a client says wrongly is for the service to refuse, not for us to forget."""
    return {name: environ[variable] for variable, name in HANDED_ON.items() if environ.get(variable) is not None}


def answered(answer: Answer) -> Response:
    """A service's answer as ours."""
    headers = [(name, value) for name, value in answer.headers if name.lower() not in KEPT_BACK]
    return Response(answer.body, answer.status, headers)


@problem_of.register
def unavailable(down: Unreachable) -> Problem:
    """503 naming the service. Clients come back spread over some seconds."""
    return Problem(
        503, "service_unavailable",
        f"{down.service} does not answer now; the other services do. Ask again: a command with the same "
        "Idempotency-Key is done once.",
        headers={"Retry-After": str(random.randint(1, 3))}, service=down.service,  # noqa: S311 (jitter, not a secret)
    )  # fmt: skip


def forward(
    upstream: Upstream, signer: Signer, caller: Caller, environ: Mapping[str, Any], path: str, body: bytes | None
) -> Response:
    """What the service says to this request. Raises Unreachable if it says nothing."""
    method = "GET" if environ["REQUEST_METHOD"] == "HEAD" else environ["REQUEST_METHOD"]
    query = environ.get("QUERY_STRING")
    headers = vouched(signer, caller, upstream.name) | handed_on(environ)
    return answered(upstream.ask(method, f"{path}?{query}" if query else path, headers, body))
