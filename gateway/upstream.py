"""HTTP client of the gateway for one service: kept connections and a circuit breaker."""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from select import POLLIN, poll
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from gateway.circuit_breaker import CircuitBreaker
from shared import codec

CONNECT_SECONDS = 2.0
READ_SECONDS = 30.0
LIVENESS_CHECK_AFTER_SECONDS = 1.5
LIVENESS_TIMEOUT_SECONDS = 2.0
LIVENESS_PATH = "/healthz"
SLOT_WAIT_SECONDS = 2.0
MAX_CONCURRENT_CALLS = 12
MAX_IDLE_SECONDS = 30.0


class Unreachable(Exception):
    """Raised when a service does not answer in time. Repeat a command with its key to learn whether it was executed."""

    def __init__(self, service: str) -> None:
        super().__init__(f"{service} does not answer")
        self.service = service


class NotAlive(TimeoutError):
    """Raised when a service answers neither the request nor the liveness check."""


@dataclass(frozen=True, slots=True)
class UpstreamResponse:
    """The complete response of a service."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def is_ok(self) -> bool:
        return self.status < 300

    def json(self) -> Any:
        return codec.decode_plain(self.body)

    def header(self, name: str) -> str | None:
        return next((value for each, value in self.headers if each.lower() == name), None)


@dataclass(frozen=True, slots=True)
class UpstreamRequest:
    """A request and its timeout in seconds."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None
    timeout: float


class Upstream:
    """One service. At most MAX_CONCURRENT_CALLS run at once, so that a slow service leaves threads for the others."""

    def __init__(self, name: str, url: str, *, read_seconds: float = READ_SECONDS) -> None:
        address = urlsplit(url)
        self.name = name
        self._host, self._port = address.hostname or "", address.port or 80
        self._read_seconds = read_seconds
        self._idle_connections: deque[tuple[HTTPConnection, float]] = deque()
        self._slots = threading.BoundedSemaphore(MAX_CONCURRENT_CALLS)
        self._breaker = CircuitBreaker()

    def request(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        timeout: float | None = None,
    ) -> UpstreamResponse:
        """Return the response, whatever its status; `timeout` in seconds overrides the default. Raises Unreachable.

        If a service is slow, its liveness is checked; the request is abandoned if the check fails.

        A kept connection that was closed is replaced once, also for a POST: commands have an idempotency key
        and are executed once.
        """
        if not self._breaker.allows_call():
            raise Unreachable(self.name)
        try:
            answer = self._request_with_slot(
                UpstreamRequest(method, target, headers, body, timeout or self._read_seconds)
            )
        except (OSError, HTTPException) as error:
            self._breaker.record_failure(is_certain=isinstance(error, NotAlive))
            raise Unreachable(self.name) from error
        self._breaker.record_success()
        return answer

    def close(self) -> None:
        """Close the kept connections."""
        while self._idle_connections:
            self._idle_connections.pop()[0].close()

    def _request_with_slot(self, request: UpstreamRequest) -> UpstreamResponse:
        if not self._slots.acquire(timeout=SLOT_WAIT_SECONDS):
            raise TimeoutError("too many concurrent calls")
        try:
            return self._request(request)
        finally:
            self._slots.release()

    def _request(self, request: UpstreamRequest) -> UpstreamResponse:
        kept = self._idle_connection_or_none()
        if kept is not None:
            try:
                return self._exchange(kept, request)
            except (ConnectionResetError, BrokenPipeError):
                pass
        return self._exchange(self._get_or_open_connection(), request)

    def _exchange(self, connection: HTTPConnection, request: UpstreamRequest) -> UpstreamResponse:
        try:
            connection.sock.settimeout(request.timeout)
            connection.request(request.method, request.target, request.body, request.headers)
            self._wait_for_response(connection, request.timeout)
            response = connection.getresponse()
            answer = UpstreamResponse(response.status, response.getheaders(), response.read())
        except BaseException:
            connection.close()
            raise
        if connection.sock is not None:
            self._idle_connections.append((connection, monotonic()))
        return answer

    def _wait_for_response(self, connection: HTTPConnection, timeout: float) -> None:
        """Wait until the response begins. Raises TimeoutError after `timeout` seconds, NotAlive sooner."""
        until = monotonic() + timeout
        while not _is_readable(connection, min(LIVENESS_CHECK_AFTER_SECONDS, until - monotonic())):
            left = until - monotonic()
            if left <= 0:
                raise TimeoutError("no response in time")
            if left >= LIVENESS_TIMEOUT_SECONDS and not self._is_alive():
                raise NotAlive("the liveness check failed")

    def _is_alive(self) -> bool:
        """Return whether the service answers a liveness check on a separate connection."""
        connection = HTTPConnection(self._host, self._port, timeout=LIVENESS_TIMEOUT_SECONDS)
        try:
            connection.request("GET", LIVENESS_PATH)
            return connection.getresponse().status > 0
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def _get_or_open_connection(self) -> HTTPConnection:
        connection = HTTPConnection(self._host, self._port, timeout=CONNECT_SECONDS)
        connection.connect()
        return connection

    def _idle_connection_or_none(self) -> HTTPConnection | None:
        """Return the connection used last, if it is still open."""
        while self._idle_connections:
            try:
                connection, last_used = self._idle_connections.pop()
            except IndexError:
                return None
            if monotonic() - last_used < MAX_IDLE_SECONDS and not _is_closed(connection):
                return connection
            connection.close()
        return None


def _is_closed(connection: HTTPConnection) -> bool:
    """Return whether the peer closed the connection: it is readable although no request was sent."""
    return _is_readable(connection, 0)


def _is_readable(connection: HTTPConnection, seconds: float) -> bool:
    """Return whether data or the end of the stream can be read within so many seconds."""
    watch = poll()
    watch.register(connection.sock, POLLIN)
    return bool(watch.poll(max(0.0, seconds) * 1000))
