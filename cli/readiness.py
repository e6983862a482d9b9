"""Knowing when a suite is ready: one question to the gateway, asked again until the answer is yes."""

import socket
import time
from collections.abc import Callable
from contextlib import suppress

PAUSE_SECONDS = 0.1
QUESTION = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def is_ready(port: int) -> bool:
    """Whether the suite with its gateway there answers that it is ready; waits a moment for the answer."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0) as asked:
            asked.sendall(QUESTION)
            return _is_yes(asked.recv(64))
    except OSError:
        return False


def _is_yes(answer: bytes) -> bool:
    return answer.split(b" ")[1:2] == [b"200"]


class Readiness:
    """Asks `/readyz` without ever waiting for the answer. A gateway that still starts answers late, not never."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._asked: socket.socket | None = None
        self._next = 0.0
        self.ready = False

    def ask(self, watch: Callable[[int, Callable[[], None]], None], unwatch: Callable[[int], None]) -> None:
        """Ask if it is not known yet and no question is open."""
        if self.ready or self._asked is not None or time.monotonic() < self._next:
            return
        asked = self._asked = socket.create_connection(("127.0.0.1", self._port), timeout=1.0)
        asked.sendall(QUESTION)
        watch(asked.fileno(), lambda: self._answered(asked, unwatch))

    def _answered(self, asked: socket.socket, unwatch: Callable[[int], None]) -> None:
        with suppress(OSError):
            self.ready = _is_yes(asked.recv(64))
        unwatch(asked.fileno())
        asked.close()
        self._asked = None
        self._next = time.monotonic() + PAUSE_SECONDS
