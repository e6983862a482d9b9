"""Concurrent queries of a view to several services on behalf of the caller; each service may fail alone."""

import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlencode

from gateway.proxy import identity_headers
from gateway.routes import get_route
from shared import codec
from shared.command_context import Caller
from shared.http_client import HttpClient, Unreachable
from shared.http_connection import HttpResponse
from shared.identity import Target, TokenSigner
from shared.openapi.shapes import COUNT, FLAG, Doc, map_schema, nullable, object_schema
from shared.telemetry import log
from shared.web.ops import POSITION_HEADER, POSITION_PREFERENCE

T = TypeVar("T")

THREADS = 16
TIMEOUT_SECONDS = 3.0
FORBIDDEN, NOT_FOUND = 403, 404
EVENTS_PATH = "/audit/readable-events"
INTERNAL_PATHS = frozenset({EVENTS_PATH, "/openapi.json", "/parked"})
"""Paths without a public route of their own: the services decide who reads what there."""

Query = tuple[str, str]
"""The name of a service and the path to read there."""

_NEXT = re.compile(r"[?&]after=([0-9]+)\b.*rel=\"next\"")


class ServiceClients:
    """All services by name, and the threads that send requests to them."""

    def __init__(self, upstreams: Mapping[str, HttpClient], signer: TokenSigner) -> None:
        self.upstreams = upstreams
        self.signer = signer
        self.threads = ThreadPoolExecutor(THREADS, "query")

    def queries_for(self, caller: Caller) -> "CallerRequests":
        return CallerRequests(self, caller)


class CallerRequests:
    """Queries of one caller, with the log position of each service at its first response.

    A service that failed to answer is not requested again. Queries are `closed` to callers without a role for their
    public route, or that the service refuses (403). Event logs have only the events of records that the caller may
    read.
    """

    def __init__(self, services: ServiceClients, caller: Caller) -> None:
        self._services = services
        self._caller = caller
        self._positions: dict[str, int] = {}
        self._failed_services: set[str] = set()
        self.closed: set[Query] = set()

    def get_all(self, queries: Mapping[str, Query]) -> dict[str, HttpResponse | None]:
        """Run all queries concurrently and return the responses; None if a service gives none."""
        return self._run_concurrently({name: partial(self._get, *query) for name, query in queries.items()})

    def correlated_events(self, created: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Return all events with the correlation of this one, per service; empty if a service does not answer."""
        query = urlencode({"correlation": created["correlation"]})
        return self._run_concurrently(
            {name: partial(self._events_of, name, query) for name in self._services.upstreams}
        )

    def sources(self) -> dict[str, dict[str, Any]]:
        """Return per service whether all its requests succeeded, and the minimum log position of its data."""
        names = sorted({*self._positions, *self._failed_services})
        return {
            name: {"ok": name not in self._failed_services, "position": self._positions.get(name)} for name in names
        }

    def _run_concurrently(self, calls: Mapping[str, Callable[[], T]]) -> dict[str, T]:
        futures = {name: self._services.threads.submit(call) for name, call in calls.items()}
        return {name: future.result() for name, future in futures.items()}

    def _events_of(self, service: str, query: str) -> list[Any]:
        events: list[Any] = []
        after: str | None = "0"
        while after is not None:
            page = self._get(service, f"{EVENTS_PATH}?{query}&after={after}")
            events += events_in(page)
            following = _NEXT.search((page and page.header("link")) or "")
            after = following and following[1]
        return events

    def _get(self, service: str, target: str) -> HttpResponse | None:
        caller = self._caller_of(service, target)
        if caller is None:
            self.closed.add((service, target))
        if caller is None or service in self._failed_services:
            return None
        headers = identity_headers(self._services.signer, caller, Target.get(service, target))
        headers["Prefer"] = POSITION_PREFERENCE
        try:
            answer = self._services.upstreams[service].request("GET", target, headers, timeout=TIMEOUT_SECONDS)
        except Unreachable:
            answer = None
        if answer is not None and answer.status == FORBIDDEN:
            self.closed.add((service, target))
            return None
        if answer is None or not (answer.is_ok or answer.status == NOT_FOUND):
            log.warning("incomplete view", of=service, status=answer and answer.status, trace_id=self._caller.trace_id)
            self._failed_services.add(service)
            return None
        position = answer.header(POSITION_HEADER.lower())
        if position is not None:
            self._positions.setdefault(service, int(position))
        return answer

    def _caller_of(self, service: str, target: str) -> Caller | None:
        """Return the caller as on the public route of a query; None without a role for it."""
        path = target.partition("?")[0]
        if path in INTERNAL_PATHS:
            return self._caller
        route, roles = get_route(service, path), self._caller.roles
        if route.roles.isdisjoint(roles):
            return None
        return replace(self._caller, only_own=route.is_limited_to_own(roles))


SOURCES: Doc = map_schema(
    object_schema(
        {"ok": FLAG, "position": {**nullable(COUNT), "description": "The view includes all its events up to this one."}}
    ),
    "Each service whose data the view has: whether all its requests succeeded.",
)
"""The schema of `CallerRequests.sources`."""


def resource_or_none(response: HttpResponse | None) -> Any:
    """Return the resource; None if it is missing or there is no response."""
    return response.json() if response is not None and response.is_ok else None


def rows_or_none(response: HttpResponse | None) -> Any:
    """Return the rows of a list; None if there is no response."""
    return response.json()["data"] if response is not None and response.is_ok else None


def events_in(response: HttpResponse | None) -> list[Any]:
    """Return the events of an audit page; empty if there is no response."""
    return (
        [codec.decode_untyped(line) for line in response.body.splitlines()]
        if response is not None and response.is_ok
        else []
    )
