"""The services as a view asks them: several at once, in the caller's name, and each may fail alone."""

import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlencode

from gateway.proxy import vouched
from gateway.upstream import Answer, Unreachable, Upstream
from shared import codec
from shared.identity import GATEWAY, Signer
from shared.service import Caller
from shared.telemetry import log
from shared.web.ops import POSITION, WISH

T = TypeVar("T")

THREADS = 16
PATIENCE_SECONDS = 3.0
FORBIDDEN, NOT_FOUND = 403, 404
LOG = "/audit/events"

Question = tuple[str, str]
"""A service and the address to read there."""

_NEXT = re.compile(r"[?&]after=([0-9]+)\b.*rel=\"next\"")


class Services:
    """All services by name, and the threads that ask them."""

    def __init__(self, upstreams: Mapping[str, Upstream], signer: Signer) -> None:
        self.upstreams = upstreams
        self.signer = signer
        self.threads = ThreadPoolExecutor(THREADS, "ask")

    def asked_by(self, caller: Caller) -> "Asking":
        return Asking(self, caller)


class Asking:
    """One caller's questions, and how far each service was when it answered the first of them.

    A service that did not answer one is not waited for again; what is `closed` to the caller is not there for him.
    The gateway reads the logs itself, for the caller: whoever may see an order may see what followed from it, unless
    he sees only his own.
    """

    def __init__(self, services: Services, caller: Caller) -> None:
        self._services = services
        self._caller = caller
        self._as_auditor = replace(caller, actor=GATEWAY, roles=("auditor",), on_behalf_of=caller.actor)
        self._positions: dict[str, int] = {}
        self._silent: set[str] = set()
        self.closed: set[str] = set()

    def all(self, questions: Mapping[str, Question]) -> dict[str, Answer | None]:
        """Every answer, asked for at the same time; None where the service does not say."""
        return self._at_once({name: partial(self._ask, *question) for name, question in questions.items()})

    def stories(self, born: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Every event of the story that began with this one, from each service's log; nothing from a silent one."""
        asked = urlencode({"correlation": born["correlation"]})
        return self._at_once({name: partial(self._story, name, asked) for name in self._services.upstreams})

    def sources(self) -> dict[str, dict[str, Any]]:
        """Each service that was asked: did it answer everything, and the position its answers reach at least."""
        asked = sorted({*self._positions, *self._silent})
        return {name: {"ok": name not in self._silent, "position": self._positions.get(name)} for name in asked}

    def _at_once(self, questions: Mapping[str, Callable[[], T]]) -> dict[str, T]:
        asked = {name: self._services.threads.submit(question) for name, question in questions.items()}
        return {name: answer.result() for name, answer in asked.items()}

    def _story(self, service: str, asked: str) -> list[Any]:
        events: list[Any] = []
        after: str | None = "0"
        while after is not None:
            page = self._ask(service, f"{LOG}?{asked}&after={after}")
            events += events_in(page)
            following = _NEXT.search((page and page.header("link")) or "")
            after = following and following[1]
        return events

    def _ask(self, service: str, target: str) -> Answer | None:
        if service in self._silent:
            return None
        caller = self._as_auditor if target.startswith(LOG) else self._caller
        headers = vouched(self._services.signer, caller, service) | {"Prefer": WISH}
        try:
            answer = self._services.upstreams[service].ask("GET", target, headers, patience=PATIENCE_SECONDS)
        except Unreachable:
            answer = None
        if answer is not None and answer.status == FORBIDDEN:
            self.closed.add(service)
            return None
        if answer is None or not (answer.ok or answer.status == NOT_FOUND):
            log.warning("a view goes without", of=service, status=answer and answer.status, trace_id=caller.trace_id)
            self._silent.add(service)
            return None
        position = answer.header(POSITION.lower())
        if position is not None:
            self._positions.setdefault(service, int(position))
        return answer


def found(answer: Answer | None) -> Any:
    """The resource, or None where there is none or nobody said."""
    return answer.json() if answer is not None and answer.ok else None


def rows(answer: Answer | None) -> Any:
    """The rows of a list; None where nobody said."""
    return answer.json()["data"] if answer is not None and answer.ok else None


def events_in(answer: Answer | None) -> list[Any]:
    """The lines of an audit page."""
    return [codec.decode_plain(line) for line in answer.body.splitlines()] if answer is not None and answer.ok else []
