"""The services as the gateway reaches them: kept connections, and no waiting for one that is down."""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from select import POLLIN, poll
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from gateway.breaker import Breaker
from shared import codec

CONNECT_SECONDS = 2.0
READ_SECONDS = 30.0
SUSPECT_SECONDS = 1.5
LIFE_SECONDS = 2.0
LIFE = "/healthz"
WAIT_FOR_TURN_SECONDS = 2.0
AT_ONCE = 12
KEEP_SECONDS = 30.0


class Unreachable(Exception):
    """A service did not answer in time or at all. Whether it did what was asked, it will tell when asked again."""

    def __init__(self, service: str) -> None:
        super().__init__(f"{service} does not answer")
        self.service = service


class Lifeless(TimeoutError):
    """A service neither answers nor says that it lives."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered, whole."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def ok(self) -> bool:
        return self.status < 300

    def json(self) -> Any:
        return codec.decode_plain(self.body)

    def header(self, name: str) -> str | None:
        return next((value for each, value in self.headers if each.lower() == name), None)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, and for how many seconds an answer is waited for."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None
    patience: float


class Upstream:
    """One service. At most `AT_ONCE` calls are under way, so that a slow service leaves threads for the others."""

    def __init__(self, name: str, url: str, *, read_seconds: float = READ_SECONDS) -> None:
        address = urlsplit(url)
        self.name = name
        self._host, self._port = address.hostname or "", address.port or 80
        self._read_seconds = read_seconds
        self._idle: deque[tuple[HTTPConnection, float]] = deque()
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._breaker = Breaker()

    def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        patience: float | None = None,
    ) -> Answer:
        """Its answer, whatever the status; `patience` in seconds, if less than usual. Raises Unreachable.

        A service that is slow is asked whether it lives; one that does not say so is not waited for.

        A kept connection that turns out dead is replaced once, even under a POST: commands carry a key
        and are done once however often they arrive.
        """
        if not self._breaker.admits():
            raise Unreachable(self.name)
        try:
            answer = self._in_turn(Request(method, target, headers, body, patience or self._read_seconds))
        except (OSError, HTTPException) as trouble:
            self._breaker.failed(beyond_doubt=isinstance(trouble, Lifeless))
            raise Unreachable(self.name) from trouble
        self._breaker.worked()
        return answer

    def close(self) -> None:
        """Let go of the kept connections."""
        while self._idle:
            self._idle.pop()[0].close()

    def _in_turn(self, request: Request) -> Answer:
        if not self._turns.acquire(timeout=WAIT_FOR_TURN_SECONDS):
            raise TimeoutError("too many calls are under way")
        try:
            return self._ask(request)
        finally:
            self._turns.release()

    def _ask(self, request: Request) -> Answer:
        kept = self._kept()
        if kept is not None:
            try:
                return self._talk(kept, request)
            except (ConnectionResetError, BrokenPipeError):
                pass
        return self._talk(self._connected(), request)

    def _talk(self, connection: HTTPConnection, request: Request) -> Answer:
        try:
            connection.sock.settimeout(request.patience)
            connection.request(request.method, request.target, request.body, request.headers)
            self._await_answer(connection, request.patience)
            response = connection.getresponse()
            answer = Answer(response.status, response.getheaders(), response.read())
        except BaseException:
            connection.close()
            raise
        if connection.sock is not None:
            self._idle.append((connection, monotonic()))
        return answer

    def _await_answer(self, connection: HTTPConnection, patience: float) -> None:
        """Until the answer begins. Raises TimeoutError after `patience` seconds, Lifeless sooner."""
        until = monotonic() + patience
        while not _readable(connection, min(SUSPECT_SECONDS, until - monotonic())):
            left = until - monotonic()
            if left <= 0:
                raise TimeoutError("no answer in time")
            if left >= LIFE_SECONDS and not self._lives():
                raise Lifeless("no sign of life")

    def _lives(self) -> bool:
        """Whether it says anything at all, on a connection of its own."""
        connection = HTTPConnection(self._host, self._port, timeout=LIFE_SECONDS)
        try:
            connection.request("GET", LIFE)
            return connection.getresponse().status > 0
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def _connected(self) -> HTTPConnection:
        connection = HTTPConnection(self._host, self._port, timeout=CONNECT_SECONDS)
        connection.connect()
        return connection

    def _kept(self) -> HTTPConnection | None:
        """The connection used last, if it is still open."""
        while self._idle:
            try:
                connection, last_used = self._idle.pop()
            except IndexError:
                return None
            if monotonic() - last_used < KEEP_SECONDS and not _hung_up(connection):
                return connection
            connection.close()
        return None


def _hung_up(connection: HTTPConnection) -> bool:
    """Something to read before anything was asked can only be the end."""
    return _readable(connection, 0)


def _readable(connection: HTTPConnection, seconds: float) -> bool:
    """Whether there is something to read, or the end, within so many seconds."""
    watch = poll()
    watch.register(connection.sock, POLLIN)
    return bool(watch.poll(max(0.0, seconds) * 1000))
