"""gunicorn worker with an event loop in front of its threads: a thread serves a request only once it has arrived.

The loop receives heads and bodies, sends what slow clients have not taken yet, and enforces the deadlines. Idle and
slow connections therefore occupy no thread.
"""

import os
import threading
import time
from collections import Counter, deque
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from socket import socket
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http import wsgi
from gunicorn.workers.base import Worker

from shared.server.body import BodyAwaited, ReceivedBody
from shared.server.connection import Connection, Phase
from shared.server.framing import MalformedBody
from shared.server.head import parse_head, take_head
from shared.server.limits import ServerLimits, raise_handle_limit
from shared.server.marks import AWAIT_BODY, REPEATED
from shared.server.refusals import (
    Refusal,
    cut,
    encode_refusal,
    internal_error,
    no_room,
    too_many_connections,
    too_slow,
)
from shared.telemetry import LogRecords, error_location, log

TURN_SECONDS = 1.0
BRIEF_SECONDS = 0.02
"""How long a body may arrive behind its head before the app is asked whether it wants it."""
CHUNK_BYTES = 1 << 16
ACCEPTED_AT_ONCE = 64
MAX_DISCARDED_BYTES = 1 << 16
MAX_PENDING_BYTES = 64 << 20
"""How much output of all connections may wait for slow clients."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
FOREVER = float("inf")


class Answer(wsgi.Response):  # type: ignore[misc]  # gunicorn has no types
    """Response without the name of the server."""

    def default_headers(self) -> list[str]:
        return [line for line in super().default_headers() if not line.startswith("Server:")]


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
        self._selector = DefaultSelector()
        self._connections: dict[int, Connection] = {}
        self._per_address: Counter[str] = Counter()
        self._max_connections = raise_handle_limit(self.limits.connections)
        self._ready: SimpleQueue[Connection | None] = SimpleQueue()
        self._served: SimpleQueue[Connection] = SimpleQueue()
        self._brief: deque[tuple[float, Connection]] = deque()
        self._next_check = 0.0
        super().init_process()

    def run(self) -> None:
        """Serve until SIGTERM, then complete the requests that have begun."""
        threads = [threading.Thread(target=self._serve_requests, daemon=True) for _ in range(self.cfg.threads)]
        for each in threads:
            each.start()
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
        for connection in self._connections.values():
            connection.deadline = min(connection.deadline, now + self._linger_seconds())
        while self._connections and time.monotonic() < now + self.cfg.graceful_timeout:
            self._turn(0.1)
        for connection in list(self._connections.values()):
            self._close(connection)

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
                self._close_longest_idle()
                return
            self._open(Connection(connected, address))

    def _open(self, connection: Connection) -> None:
        if len(self._connections) >= self._max_connections:
            self._close_longest_idle()
        self._connections[connection.handle] = connection
        self._selector.register(connection.socket, EVENT_READ, partial(self._on_event, connection))
        connection.deadline += self.limits.head_seconds
        address = _host_of(connection)
        is_allowed = not address or self.limits.allows(address, self._per_address[address])
        self._per_address[address] += 1
        if not is_allowed:
            self._act(connection, self._refuse, too_many_connections())

    def _on_event(self, connection: Connection, mask: int) -> None:
        if mask & EVENT_WRITE:
            self._act(connection, self._send)
        if mask & EVENT_READ and self._is_open(connection):
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
                self._close(connection)
            self._watch(connection)

    def _is_open(self, connection: Connection) -> bool:
        return self._connections.get(connection.handle) is connection

    def _watch(self, connection: Connection) -> None:
        if not self._is_open(connection):
            return
        wanted = (EVENT_READ if connection.reads else 0) | (EVENT_WRITE if connection.writes else 0)
        key = self._selector.get_map().get(connection.handle)
        if key is None and wanted:
            self._selector.register(connection.socket, wanted, partial(self._on_event, connection))
        elif key is not None and not wanted:
            self._selector.unregister(connection.socket)
        elif key is not None and key.events != wanted:
            self._selector.modify(connection.socket, wanted, key.data)

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
            self._close(connection)

    def _take_request(self, connection: Connection) -> None:
        head = take_head(connection.received, self.cfg.limit_request_line) if connection.received else None
        if head is None:
            if connection.has_ended:
                self._close(connection)
            return
        connection.requests += 1
        connection.request, framing = parse_head(head, self.cfg, connection.address, connection.requests)
        connection.body = ReceivedBody(framing)
        connection.began_at = time.monotonic()
        connection.expects_continue = connection.request._expected_100_continue  # noqa: SLF001 (the server answers it)
        connection.request._expected_100_continue = False  # noqa: SLF001
        connection.phase = Phase.BODY
        self._take_body(connection)
        if connection.phase is Phase.BODY:
            self._brief.append((connection.began_at + BRIEF_SECONDS * (not connection.expects_continue), connection))

    def _ask_app(self, connection: Connection) -> None:
        """Let the app see the head of a request whose body has not arrived: it may refuse it."""
        body = connection.body
        if self._is_open(connection) and connection.phase is Phase.BODY and body is not None and not body.is_wanted:
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
        self._ready.put(connection)

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
        if not self._is_open(connection):
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
            self._bound_pending_output()
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
            self._close(connection)

    def _refuse(self, connection: Connection, refusal: Refusal) -> None:
        """Respond with a refusal, unless the app has responded, and close the connection."""
        if connection.phase not in (Phase.HEAD, Phase.BODY):
            self._close(connection)
            return
        path = connection.request.path if connection.request else ""
        try:
            connection.output.sendall(encode_refusal(refusal, path or ""))
            connection.began_at = time.monotonic()
            connection.phase, connection.next_phase = Phase.CLIENT, Phase.END
            self._send(connection)
        except OSError:
            self._close(connection)

    def _close(self, connection: Connection) -> None:
        if self._connections.pop(connection.handle, None) is None:
            return
        with suppress(KeyError):
            self._selector.unregister(connection.socket)
        address = _host_of(connection)
        self._per_address[address] -= 1
        if not self._per_address[address]:
            del self._per_address[address]
        connection.close()

    # -- limits

    def _close_overdue(self) -> None:
        now = time.monotonic()
        for connection in list(self._connections.values()):
            if now >= connection.deadline:
                self._act(connection, self._expire)

    def _expire(self, connection: Connection) -> None:
        if connection.deadline > time.monotonic():
            return
        if connection.phase is Phase.HEAD and connection.received:
            raise too_slow("head")
        if connection.phase is Phase.BODY:
            raise too_slow("body")
        self._close(connection)

    def _close_longest_idle(self) -> None:
        """Make room: close the connection that has waited longest, first of those that never sent a request."""
        waiting = [each for each in self._connections.values() if each.phase in (Phase.HEAD, Phase.END)]
        if waiting:
            self._close(min(waiting, key=lambda each: (each.requests > 0, each.deadline)))

    def _bound_pending_output(self) -> None:
        pending = [each for each in self._connections.values() if each.phase is Phase.CLIENT]
        if sum(each.output.pending_bytes for each in pending) > MAX_PENDING_BYTES:
            self._close(min(pending, key=lambda each: each.began_at))

    # -- threads

    def _serve_requests(self) -> None:
        while (connection := self._ready.get()) is not None:
            self._hand_back(connection, self._phase_after_serving(connection))

    def _phase_after_serving(self, connection: Connection) -> Phase:
        try:
            return Phase.HEAD if self._respond(connection) else Phase.END
        except BodyAwaited:
            return Phase.BODY
        except OSError:
            connection.has_ended = True
        except Exception as error:
            log.error("unexpected", error=type(error).__qualname__, at=error_location(error))
            if not connection.output.has_begun:
                connection.output.sendall(encode_refusal(internal_error()))
        return Phase.END

    def _respond(self, connection: Connection) -> bool:
        """Let the app respond; return whether the connection is kept."""
        request, body = connection.request, connection.body
        assert body is not None
        body.rewind()
        connection.output.sent_bytes = 0
        request.body = body
        response, environ = wsgi.create(
            request, connection.output, connection.address, connection.server, self.cfg, response_class=Answer
        )
        environ |= {"wsgi.multithread": True, REPEATED: body.is_wanted, AWAIT_BODY: body.require}
        if not self.alive:
            response.force_close()
        content = self.wsgi(environ, response.start_response)
        try:
            for each in content:
                response.write(each)
            response.close()
        finally:
            if hasattr(content, "close"):
                content.close()
        connection.output.flush()
        return not response.should_close() and _is_worth_discarding(connection, body)

    def _hand_back(self, connection: Connection, phase: Phase) -> None:
        """Leave the connection to the event loop; do not wake it if it only has to wait for the next request."""
        with connection.lock:
            is_done = phase is Phase.HEAD and connection.body is not None and connection.body.is_complete
            if is_done and not (connection.received or connection.has_ended or connection.output.pending_bytes):
                self._await_next(connection)
                if connection.reads and connection.handle in self._selector.get_map():
                    return
            elif phase is Phase.BODY:
                connection.phase = phase
            else:
                connection.phase, connection.next_phase = Phase.CLIENT, phase
        self._wake(connection)


def _host_of(connection: Connection) -> str:
    """Return the client's address; empty for a Unix socket."""
    return connection.address[0] if isinstance(connection.address, tuple) else ""


def _is_worth_discarding(connection: Connection, body: ReceivedBody) -> bool:
    """Return whether the rest of an unread body is on its way and small enough to receive it and go on."""
    return body.is_complete or (not connection.expects_continue and body.bytes_to_come <= MAX_DISCARDED_BYTES)


def worker_class(limits: ServerLimits) -> type[BufferingWorker]:
    """Return the worker class for gunicorn with these limits."""
    return type("LimitedWorker", (BufferingWorker,), {"limits": limits})
