"""Readiness of a suite: polls `/readyz` of the gateway."""

import socket
import time
from collections.abc import Callable
from contextlib import suppress

PAUSE_SECONDS = 0.1
READY_REQUEST = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def is_ready(port: int) -> bool:
    """Return whether the suite with its gateway on this port is ready; waits up to a second for the response."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0) as connection:
            connection.sendall(READY_REQUEST)
            return _is_ready_response(connection.recv(64))
    except OSError:
        return False


def _is_ready_response(response: bytes) -> bool:
    return response.split(b" ")[1:2] == [b"200"]


class ReadinessProbe:
    """Polls `/readyz` without blocking: the gateway accepts connections early and answers when it has started."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: socket.socket | None = None
        self._next_poll_at = 0.0
        self.is_ready = False

    def poll(self, watch: Callable[[int, Callable[[], None]], None], unwatch: Callable[[int], None]) -> None:
        """Send a request unless the suite is ready, a request is pending or the pause is not over."""
        if self.is_ready or self._connection is not None or time.monotonic() < self._next_poll_at:
            return
        connection = self._connection = socket.create_connection(("127.0.0.1", self._port), timeout=1.0)
        connection.sendall(READY_REQUEST)
        watch(connection.fileno(), lambda: self._receive_response(connection, unwatch))

    def _receive_response(self, connection: socket.socket, unwatch: Callable[[int], None]) -> None:
        with suppress(OSError):
            self.is_ready = _is_ready_response(connection.recv(64))
        unwatch(connection.fileno())
        connection.close()
        self._connection = None
        self._next_poll_at = time.monotonic() + PAUSE_SECONDS
