"""Talking to a suite as any outside program would: through the public API, with a key, never giving up too early."""

import random
import time
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from gateway.upstream import Answer, Unreachable, Upstream
from shared import codec

PREFIX = "/api/v1"
LARGEST_PAGE = 200
FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 1.0
LATER = frozenset({429, 502, 503, 504})


class Unwilling(Exception):
    """The suite said no, or nothing for too long. The message says what was asked and what it answered."""


class Client:
    """One caller of a suite. Thread-safe. What may succeed later is asked again for `patience` seconds.

    Paths are those of the public API without `/api/v1/`; numbers come as strings, as they are sent.
    """

    def __init__(self, url: str, key: str, patience: float = 60.0) -> None:
        self._gateway = Upstream("the gateway", url, read_seconds=max(patience, 1.0))
        self._authorization = f"Bearer {key}"
        self._patience = patience

    def get(self, path: str, **query: str) -> Any:
        """One resource or report."""
        return self._ask("GET", path + (f"?{urlencode(query)}" if query else "")).json()

    def all(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        """Every row of a list, page by page."""
        page = self.get(path, limit=str(LARGEST_PAGE), **query)
        yield from page["data"]
        while page["has_more"]:
            page = self.get(path, limit=str(LARGEST_PAGE), cursor=page["next_cursor"], **query)
            yield from page["data"]

    def lines(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        """What comes as one JSON document per line."""
        answer = self._ask("GET", f"{path}?{urlencode(query)}")
        yield from map(codec.decode_plain, answer.body.splitlines())

    def post(self, path: str, body: Mapping[str, Any], key: str) -> dict[str, Any]:
        """A command, done once for its key however often it is asked. The resource."""
        resource: dict[str, Any] = self._ask("POST", path, body, key).json()
        return resource

    def patch(self, path: str, changes: Mapping[str, Any], key: str, version: int) -> dict[str, Any]:
        """A change of a resource as it was at this version. The resource."""
        resource: dict[str, Any] = self._ask("PATCH", path, changes, key, {"If-Match": f'"{version}"'}).json()
        return resource

    def until_quiet(self) -> None:
        """Wait until nothing anywhere in the suite is behind."""
        until = time.monotonic() + self._patience
        while not self.get("ops/lag")["quiet"]:
            if time.monotonic() > until:
                raise Unwilling(f"the suite is not quiet after {self._patience:.0f} s; see {PREFIX}/ops/lag")
            time.sleep(0.05)

    def close(self) -> None:
        """Let go of its connections."""
        self._gateway.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(
        self,
        method: str,
        target: str,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        sent = {"Authorization": self._authorization, "Accept": "application/json", **(headers or {})}
        if body is not None and key is not None:
            sent |= {"Content-Type": "application/json", "Idempotency-Key": sha256(key.encode()).hexdigest()}
        content = None if body is None else codec.encode(body)
        until = time.monotonic() + self._patience
        pause = FIRST_PAUSE_SECONDS
        while True:
            answer = self._once(method, f"{PREFIX}/{target}", sent, content)
            if answer is not None and answer.ok:
                return answer
            if not _later(answer) or time.monotonic() > until:
                raise Unwilling(f"{method} {target}: {_words(answer)}")
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 (jitter, not a secret)
            pause = min(LONGEST_PAUSE_SECONDS, pause * 2)

    def _once(self, method: str, target: str, headers: Mapping[str, str], content: bytes | None) -> Answer | None:
        try:
            return self._gateway.ask(method, target, headers, content)
        except Unreachable:
            return None


def _later(answer: Answer | None) -> bool:
    """The same request may succeed later: nobody answered, not now, or not yet known there."""
    return (
        answer is None or answer.status in LATER or (answer.status == 409 and answer.header("retry-after") is not None)
    )


def _words(answer: Answer | None) -> str:
    return "no answer" if answer is None else f"{answer.status} {answer.body.decode(errors='replace')[:500]}"
