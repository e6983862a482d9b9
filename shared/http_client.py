"""HTTP client for one service: kept connections and a circuit breaker."""

import threading
from collections import deque
from contextlib import closing, suppress
from select import POLLIN, poll
from time import monotonic
from urllib.parse import urlsplit

from shared.http_connection import Body, Headers, HttpConnection, HttpResponse

CONNECT_SECONDS = 2.0
READ_SECONDS = 30.0
LIVENESS_CHECK_AFTER_SECONDS = 1.5
LIVENESS_TIMEOUT_SECONDS = 2.0
LIVENESS_PATH = "/healthz"
SLOT_WAIT_SECONDS = 2.0
MAX_CONCURRENT_CALLS = 12
MAX_IDLE_SECONDS = 30.0
MAX_TRIAL_SECONDS = 30.0


Request = tuple[str, str, Headers, Body]
"""Method, target, headers and body."""


class Unreachable(Exception):
    """Raised when a service cannot be reached or is too slow. Repeat a command with its key: it is executed once."""

    def __init__(self, service: str) -> None:
        super().__init__(f"{service} does not answer")
        self.service = service


class ServiceNotAlive(TimeoutError):
    """Raised when a service answers neither the request nor the liveness check."""


class CircuitBreaker:
    """Stops calls to a service after `failures` failures in a row (or one certain failure), but one trial at a time.

    pybreaker is not used: it holds its lock during a call, so threads would call one after the other.
    """

    def __init__(self, failures: int = 5, pause: float = 1.0, max_trial_seconds: float = MAX_TRIAL_SECONDS) -> None:
        self._allowed, self._pause, self._longest_try = failures, pause, max_trial_seconds
        self._failures = 0
        self._next_trial_at = 0.0
        self._lock = threading.Lock()

    def allows_call(self) -> bool:
        if self._failures < self._allowed:
            return True
        with self._lock:
            now = monotonic()
            if now < self._next_trial_at:
                return False
            self._next_trial_at = now + self._longest_try
            return True

    def record_success(self) -> None:
        self._failures = 0

    def record_failure(self, *, is_certain: bool = False) -> None:
        with self._lock:
            self._failures += self._allowed if is_certain else 1
            self._next_trial_at = monotonic() + self._pause


class HttpClient:
    """HTTP client of one service. At most MAX_CONCURRENT_CALLS run at once: a slow one leaves threads for others."""

    def __init__(self, name: str, url: str, *, read_seconds: float = READ_SECONDS) -> None:
        address = urlsplit(url)
        self.name = name
        self._host, self._port = address.hostname or "", address.port or 80
        self._read_seconds = read_seconds
        self._idle_connections: deque[tuple[HttpConnection, float]] = deque()
        self._slots = threading.BoundedSemaphore(MAX_CONCURRENT_CALLS)
        self._breaker = CircuitBreaker()

    def request(
        self, method: str, target: str, headers: Headers, body: Body = None, *, timeout: float | None = None
    ) -> HttpResponse:
        """Return the response, whatever its status; `timeout` in seconds overrides the default. Raises Unreachable.

        If a service is slow, its liveness is checked; the request is abandoned if the check fails.

        A kept connection that was closed is replaced once, also for a POST: commands have an idempotency key
        and are executed once.
        """
        if not self._breaker.allows_call():
            raise Unreachable(self.name)
        try:
            answer = self._request_with_slot((method, target, headers, body), timeout or self._read_seconds)
        except OSError as error:
            self._breaker.record_failure(is_certain=isinstance(error, ServiceNotAlive))
            raise Unreachable(self.name) from error
        self._breaker.record_success()
        return answer

    def close(self) -> None:
        """Close the kept connections."""
        while self._idle_connections:
            self._idle_connections.pop()[0].close()

    def _request_with_slot(self, request: Request, timeout: float) -> HttpResponse:
        if not self._slots.acquire(timeout=SLOT_WAIT_SECONDS):
            raise TimeoutError("too many concurrent calls")
        try:
            return self._request(request, timeout)
        finally:
            self._slots.release()

    def _request(self, request: Request, timeout: float) -> HttpResponse:
        if kept := self._idle_connection_or_none():
            with suppress(ConnectionResetError, BrokenPipeError):
                return self._exchange(kept, request, timeout)
        return self._exchange(HttpConnection(self._host, self._port, CONNECT_SECONDS), request, timeout)

    def _exchange(self, connection: HttpConnection, request: Request, timeout: float) -> HttpResponse:
        try:
            connection.socket.settimeout(timeout)
            connection.send(*request)
            self._wait_for_response(connection, timeout)
            answer = connection.receive()
        except BaseException:
            connection.close()
            raise
        self._keep(connection)
        return answer

    def _keep(self, connection: HttpConnection) -> None:
        """Keep a connection for the next request, unless the server ends it."""
        if connection.has_ended:
            connection.close()
        else:
            self._idle_connections.append((connection, monotonic()))

    def _wait_for_response(self, connection: HttpConnection, timeout: float) -> None:
        """Wait until the response begins. Raises TimeoutError after `timeout` seconds, ServiceNotAlive sooner."""
        until = monotonic() + timeout
        while not _is_readable(connection, min(LIVENESS_CHECK_AFTER_SECONDS, until - monotonic())):
            left = until - monotonic()
            if left <= 0:
                raise TimeoutError("no response in time")
            if left >= LIVENESS_TIMEOUT_SECONDS and not self._is_alive():
                raise ServiceNotAlive("the liveness check failed")

    def _is_alive(self) -> bool:
        """Return whether the service answers a liveness check on a separate connection."""
        try:
            connection = HttpConnection(self._host, self._port, LIVENESS_TIMEOUT_SECONDS)
        except OSError:
            return False
        with closing(connection), suppress(OSError):
            connection.send("GET", LIVENESS_PATH, {})
            return connection.receive().status > 0
        return False

    def _idle_connection_or_none(self) -> HttpConnection | None:
        """Return the connection used last, if it is still open."""
        with suppress(IndexError):
            while True:
                connection, last_used = self._idle_connections.pop()
                is_closed = _is_readable(connection, 0)  # although no request was sent
                if monotonic() - last_used < MAX_IDLE_SECONDS and not is_closed:
                    return connection
                connection.close()
        return None


def _is_readable(connection: HttpConnection, seconds: float) -> bool:
    """Return whether data or the end of the stream can be read within so many seconds."""
    watch = poll()
    watch.register(connection.socket, POLLIN)
    return bool(watch.poll(max(0.0, seconds) * 1000))
