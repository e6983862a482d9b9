"""gunicorn worker with an event loop in front of its threads: a thread serves a request only once it has arrived.

The loop receives heads and bodies, sends what slow clients have not taken yet, and enforces the deadlines. Idle and
slow connections therefore occupy no thread.
"""

import os
import time
from collections import deque
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from selectors import EVENT_READ, EVENT_WRITE
from socket import socket
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from shared.server.body import ReceivedBody
from shared.server.connection import Connection, Phase
from shared.server.framing import MalformedBody
from shared.server.head import parse_head, take_head
from shared.server.limits import ServerLimits
from shared.server.open_connections import OpenConnections
from shared.server.refusals import (
    Refusal,
    cut,
    encode_refusal,
    no_room,
    too_many_connections,
    too_slow,
)
from shared.server.request_threads import RequestThreads
from shared.telemetry import LogRecords, log

TURN_SECONDS = 1.0
BRIEF_SECONDS = 0.02
"""How long a body may arrive behind its head before the app is asked whether it wants it."""
CHUNK_BYTES = 1 << 16
ACCEPTED_AT_ONCE = 64
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
FOREVER = float("inf")


class ServerLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Writes what gunicorn logs like the suite's own entries."""

    def _set_handler(self, log: Any, *_: Any, **__: Any) -> None:
        handler = LogRecords()
        handler._gunicorn = True  # type: ignore[attr-defined]  # noqa: SLF001 (marks what gunicorn replaces)
        log.addHandler(handler)


class BufferingWorker(Worker):  # type: ignore[misc]  # gunicorn has no types
    """One process: the event loop in the main thread, and the threads that serve requests."""

    limits = ServerLimits()

    def init_process(self) -> None:
        self._connections = OpenConnections(self.limits, self._on_event)
        self._selector = self._connections.selector
        self._served: SimpleQueue[Connection] = SimpleQueue()
        self._brief: deque[tuple[float, Connection]] = deque()
        self._next_check = 0.0
        super().init_process()

    def run(self) -> None:
        """Serve until SIGTERM, then complete the requests that have begun."""
        self._threads = RequestThreads(self.cfg, self.wsgi, lambda: self.alive, self._hand_back)
        self._threads.start()
        self._selector.register(self.PIPE[0], EVENT_READ, self._drain_wakeups)
        for listening in self.sockets:
            listening.setblocking(False)
            self._selector.register(listening, EVENT_READ, partial(self._accept, listening))
        while self.alive and self.ppid == os.getppid():
            self._turn(TURN_SECONDS)
        self._drain()

    def _drain(self) -> None:
        for listening in self.sockets:
            self._selector.unregister(listening)
            listening.close()
        now = time.monotonic()
        for connection in self._connections:
            connection.deadline = min(connection.deadline, now + self._linger_seconds())
        while self._connections and time.monotonic() < now + self.cfg.graceful_timeout:
            self._turn(0.1)
        for connection in self._connections:
            self._connections.close(connection)

    def _linger_seconds(self) -> float:
        """Return how long a stopping server waits for a request that may be on its way."""
        return min(self.limits.linger_seconds, float(self.cfg.graceful_timeout) / 2)

    # -- event loop

    def _turn(self, seconds: float) -> None:
        if self._brief:
            seconds = min(seconds, max(0.0, self._brief[0][0] - time.monotonic()))
        for key, mask in self._selector.select(seconds):
            key.data(mask)
        while self._brief and self._brief[0][0] <= time.monotonic():
            self._act(self._brief.popleft()[1], self._ask_app)
        if time.monotonic() >= self._next_check:
            self._next_check = time.monotonic() + TURN_SECONDS if self.alive else 0.1
            self.notify()
            self._close_overdue()

    def _drain_wakeups(self, _mask: int) -> None:
        with suppress(BlockingIOError):
            os.read(self.PIPE[0], 4096)
        while not self._served.empty():
            self._act(self._served.get(), self._continue)

    def _wake(self, connection: Connection) -> None:
        """Hand a connection from a thread to the event loop."""
        self._served.put(connection)
        with suppress(BlockingIOError):
            os.write(self.PIPE[1], b"1")

    def _accept(self, listening: socket, _mask: int) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                connected, address = listening.accept()
            except BlockingIOError:
                return
            except OSError as error:
                log.warning("connection not accepted", reason=error.strerror)
                self._connections.close_longest_idle()
                return
            self._open(Connection(connected, address))

    def _open(self, connection: Connection) -> None:
        is_allowed = self._connections.add(connection)
        connection.deadline += self.limits.head_seconds
        if not is_allowed:
            self._act(connection, self._refuse, too_many_connections())

    def _on_event(self, connection: Connection, mask: int) -> None:
        if mask & EVENT_WRITE:
            self._act(connection, self._send)
        if mask & EVENT_READ and connection in self._connections:
            self._act(connection, self._receive)

    def _act(self, connection: Connection, step: Any, *arguments: Any) -> None:
        """Run a step of the event loop; refuse or close the connection if it fails, else watch what it waits for."""
        with connection.lock:
            try:
                step(connection, *arguments)
            except Refusal as refusal:
                self._refuse(connection, refusal)
            except MalformedBody:
                self._refuse(connection, Refusal(400, "malformed_body", "The chunks of the body are malformed."))
            except OSError:
                self._connections.close(connection)
            self._connections.watch(connection)

    # -- steps

    def _receive(self, connection: Connection) -> None:
        try:
            data = connection.socket.recv(CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            connection.has_ended = True
        elif connection.phase is not Phase.END:
            if connection.is_idle and connection.requests:
                connection.deadline = time.monotonic() + self.limits.head_seconds
            connection.received += data
        self._advance(connection)

    def _advance(self, connection: Connection) -> None:
        """Do what is possible with the bytes received."""
        if connection.phase is Phase.HEAD:
            self._take_request(connection)
        elif connection.phase in (Phase.BODY, Phase.REST):
            self._take_body(connection)
        elif connection.phase is Phase.END and connection.has_ended:
            self._connections.close(connection)

    def _take_request(self, connection: Connection) -> None:
        head = take_head(connection.received, self.cfg.limit_request_line) if connection.received else None
        if head is None:
            if connection.has_ended:
                self._connections.close(connection)
            return
        connection.requests += 1
        connection.request, framing = parse_head(head, self.cfg, connection.address, connection.requests)
        connection.body = ReceivedBody(framing)
        connection.began_at = time.monotonic()
        connection.expects_continue = connection.request._expected_100_continue  # noqa: SLF001 (the server answers it)
        connection.request._expected_100_continue = False  # noqa: SLF001 (the server answers it)
        connection.phase = Phase.BODY
        self._take_body(connection)
        if connection.phase is Phase.BODY:
            self._brief.append((connection.began_at + BRIEF_SECONDS * (not connection.expects_continue), connection))

    def _ask_app(self, connection: Connection) -> None:
        """Let the app see the head of a request whose body has not arrived: it may refuse it."""
        body = connection.body
        if (
            connection in self._connections
            and connection.phase is Phase.BODY
            and body is not None
            and not body.is_wanted
        ):
            self._serve(connection)

    def _take_body(self, connection: Connection) -> None:
        body = connection.body
        assert body is not None
        self._feed(connection)
        if connection.phase is Phase.BODY and body.suffices:
            self._serve(connection)
        elif connection.phase is Phase.REST and body.is_complete:
            self._await_next(connection)
        elif connection.has_ended:
            raise cut()
        else:
            connection.deadline = connection.began_at + self.limits.transfer_seconds(body.received_bytes)

    def _feed(self, connection: Connection) -> None:
        try:
            connection.feed_body()
        except OSError as error:
            log.error("body not stored", reason=error.strerror)
            raise no_room() from None

    def _serve(self, connection: Connection) -> None:
        connection.phase, connection.deadline = Phase.SERVING, FOREVER
        self._threads.serve(connection)

    def _await_next(self, connection: Connection) -> None:
        """Begin to wait for the next request, which may have arrived already."""
        if connection.body is not None:
            connection.body.close()
        connection.body = connection.request = None
        connection.phase = Phase.HEAD
        connection.deadline = time.monotonic() + (self.limits.idle_seconds if self.alive else self._linger_seconds())
        if connection.received:
            connection.deadline = time.monotonic() + self.limits.head_seconds
        if connection.received or connection.has_ended:
            self._take_request(connection)

    def _continue(self, connection: Connection) -> None:
        """Go on after a thread has handed the connection back."""
        if connection not in self._connections:
            return
        if connection.phase is Phase.CLIENT:
            self._send(connection)
        elif connection.phase is Phase.BODY:
            self._await_body(connection)

    def _await_body(self, connection: Connection) -> None:
        """Receive the body that the app wants."""
        if connection.expects_continue and connection.body and not connection.body.received_bytes:
            connection.expects_continue = False
            connection.output.sendall(CONTINUE)
            connection.output.flush()
        self._take_body(connection)

    def _send(self, connection: Connection) -> None:
        connection.output.flush()
        if connection.output.pending_bytes:
            connection.deadline = connection.began_at + self.limits.transfer_seconds(connection.output.sent_bytes)
            self._connections.bound_pending_output()
        elif connection.phase is Phase.CLIENT:
            self._after_response(connection)

    def _after_response(self, connection: Connection) -> None:
        body = connection.body
        if connection.next_phase is Phase.END:
            self._end(connection)
        elif body is None or body.is_complete:
            self._await_next(connection)
        else:
            connection.phase = Phase.REST
            self._take_body(connection)

    def _end(self, connection: Connection) -> None:
        """Close the connection so that the client still receives the last response (RFC 9112, section 9.6)."""
        connection.end_output()
        connection.received.clear()
        connection.phase = Phase.END
        connection.deadline = time.monotonic() + self.limits.linger_seconds
        if connection.has_ended:
            self._connections.close(connection)

    def _refuse(self, connection: Connection, refusal: Refusal) -> None:
        """Respond with a refusal, unless the app has responded, and close the connection."""
        if connection.phase not in (Phase.HEAD, Phase.BODY):
            self._connections.close(connection)
            return
        path = connection.request.path if connection.request else ""
        try:
            connection.output.sendall(encode_refusal(refusal, path or ""))
            connection.began_at = time.monotonic()
            connection.phase, connection.next_phase = Phase.CLIENT, Phase.END
            self._send(connection)
        except OSError:
            self._connections.close(connection)

    # -- limits

    def _close_overdue(self) -> None:
        now = time.monotonic()
        for connection in self._connections:
            if now >= connection.deadline:
                self._act(connection, self._expire)

    def _expire(self, connection: Connection) -> None:
        if connection.deadline > time.monotonic():
            return
        if connection.phase is Phase.HEAD and connection.received:
            raise too_slow("head")
        if connection.phase is Phase.BODY:
            raise too_slow("body")
        self._connections.close(connection)

    def _hand_back(self, connection: Connection, phase: Phase) -> None:
        """Leave the connection to the event loop; do not wake it if it only has to wait for the next request."""
        with connection.lock:
            is_done = phase is Phase.HEAD and connection.body is not None and connection.body.is_complete
            if is_done and not (connection.received or connection.has_ended or connection.output.pending_bytes):
                self._await_next(connection)
                if connection.reads and self._connections.is_watched(connection):
                    return
            elif phase is Phase.BODY:
                connection.phase = phase
            else:
                connection.phase, connection.next_phase = Phase.CLIENT, phase
        self._wake(connection)


def worker_class(limits: ServerLimits) -> type[BufferingWorker]:
    """Return the worker class for gunicorn with these limits."""
    return type("LimitedWorker", (BufferingWorker,), {"limits": limits})
