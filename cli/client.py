"""Client of the public API: authenticates with a key and retries what may succeed later."""

import random
import time
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from cli.background import wait_for
from shared import codec
from shared.http_client import HttpClient, Unreachable
from shared.http_connection import HttpResponse

PREFIX = "/api/v1"
MAX_PAGE_SIZE = 200
FIRST_PAUSE_SECONDS = 0.02
MAX_PAUSE_SECONDS = 1.0
RETRYABLE_STATUSES = frozenset({429, 502, 503, 504})


class RequestFailed(Exception):
    """Raised when the suite refuses a request or does not answer in time; the message has request and response.

    `reason` has the reason alone, in the sentences of the suite.
    """

    def __init__(self, message: str, reason: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason or message


class Client:
    """Client with one access key. Thread-safe. Requests that may succeed later are retried for `retry_seconds`.

    Paths are those of the public API without `/api/v1/`, or begin with `/`; decimal numbers are strings, as in the API.
    """

    def __init__(self, url: str, key: str, retry_seconds: float = 60.0) -> None:
        self._gateway = HttpClient("the gateway", url, read_seconds=max(retry_seconds, 1.0))
        self._url = url
        self._authorization = f"Bearer {key}"
        self._retry_seconds = retry_seconds

    def get(self, path: str, **query: str) -> Any:
        """Return one resource or report."""
        return self._request("GET", path + (f"?{urlencode(query)}" if query else "")).json()

    def text(self, path: str, **query: str) -> str:
        """Return a response that is not JSON, such as a sheet."""
        target = path + (f"?{urlencode(query)}" if query else "")
        return self._request("GET", target, headers={"Accept": "*/*"}).body.decode()

    def rows(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        """Yield every row of a list, page by page."""
        page = self.get(path, limit=str(MAX_PAGE_SIZE), **query)
        yield from page["data"]
        while page["has_more"]:
            page = self.get(path, limit=str(MAX_PAGE_SIZE), cursor=page["next_cursor"], **query)
            yield from page["data"]

    def lines(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        """Yield the documents of a response with one JSON document per line."""
        response = self._request("GET", f"{path}?{urlencode(query)}")
        yield from map(codec.decode_untyped, response.body.splitlines())

    def post(self, path: str, body: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Execute a command, once per idempotency key, and return the resource."""
        resource: dict[str, Any] = self._request("POST", path, body, key).json()
        return resource

    def patch(self, path: str, changes: Mapping[str, Any], key: str, version: int) -> dict[str, Any]:
        """Change a resource that has this version and return the changed resource."""
        resource: dict[str, Any] = self._request("PATCH", path, changes, key, {"If-Match": f'"{version}"'}).json()
        return resource

    def wait_until_idle(self) -> None:
        """Wait until no work is pending anywhere in the suite. Raises RequestFailed."""
        if not wait_for(lambda: self.get("ops/lag")["quiet"], self._retry_seconds):
            raise RequestFailed(f"the suite is not idle after {self._retry_seconds:.0f} s; see {PREFIX}/ops/lag")

    def close(self) -> None:
        """Close the connections."""
        self._gateway.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _request(
        self,
        method: str,
        target: str,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        sent = {"Authorization": self._authorization, "Accept": "application/json", **(headers or {})}
        if body is not None and key is not None:
            sent |= {"Content-Type": "application/json", "Idempotency-Key": sha256(key.encode()).hexdigest()}
        content = None if body is None else codec.encode(body)
        until = time.monotonic() + self._retry_seconds
        pause = FIRST_PAUSE_SECONDS
        while True:
            answer = self._try_once(method, target if target.startswith("/") else f"{PREFIX}/{target}", sent, content)
            if answer is not None and answer.is_ok:
                return answer
            if not _is_retryable(answer) or time.monotonic() > until:
                raise self._failure(f"{method} {target}", answer)
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 (jitter, not a secret)
            pause = min(MAX_PAUSE_SECONDS, pause * 2)

    def _failure(self, request: str, answer: HttpResponse | None) -> RequestFailed:
        if answer is None:
            return RequestFailed(f"No suite answers at {self._url}.")
        reason = _reason_of(answer)
        return RequestFailed(f"{request}: {answer.status} {reason}", reason)

    def _try_once(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes | None
    ) -> HttpResponse | None:
        try:
            return self._gateway.request(method, target, headers, content)
        except Unreachable:
            return None


def _is_retryable(answer: HttpResponse | None) -> bool:
    """Return whether a retry may succeed: no response, a temporary error, or data not yet available (409)."""
    return (
        answer is None
        or answer.status in RETRYABLE_STATUSES
        or (answer.status == 409 and answer.header("retry-after") is not None)
    )


def _reason_of(answer: HttpResponse) -> str:
    """Return the sentences of a problem; the beginning of any other response."""
    try:
        problem = answer.json()
        errors = [f"{each['pointer'].removeprefix('/')}: {each['detail']}" for each in problem.get("errors", [])]
        return "; ".join(errors) or str(problem["detail"])
    except (codec.DecodeError, KeyError, TypeError, AttributeError):
        return answer.body.decode(errors="replace")[:500]
