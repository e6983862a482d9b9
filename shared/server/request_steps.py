"""What is done with a connection from the head of a request to the end of its response."""

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from shared.http_framing import MalformedBody
from shared.server.body import ReceivedBody
from shared.server.connection import Connection, Phase
from shared.server.head import parse_head, take_head
from shared.server.limits import ServerLimits
from shared.server.open_connections import OpenConnections
from shared.server.refusals import Refusal, cut, encode_refusal, no_room, too_slow
from shared.telemetry import log

BRIEF_SECONDS = 0.02
"""How long a body may arrive behind its head before the app is asked whether it wants it."""
CHUNK_BYTES = 1 << 16
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
FOREVER = float("inf")


class RequestSteps:
    """The steps of a request; `take` runs one, and afterwards the connection waits for what it needs next.

    `on_question` is called when `ask_apps` has to be called sooner than planned.
    """

    def __init__(
        self,
        cfg: Any,
        limits: ServerLimits,
        connections: OpenConnections,
        serve: Callable[[Connection], None],
        is_alive: Callable[[], bool],
        on_question: Callable[[], None],
    ) -> None:
        self._cfg, self._limits, self._connections, self._is_alive = cfg, limits, connections, is_alive
        self._serve_request, self._on_question = serve, on_question
        self._brief: deque[tuple[float, Connection]] = deque()

    def linger_seconds(self) -> float:
        """Return how long a stopping server waits for a request that may be on its way."""
        return min(self._limits.linger_seconds, float(self._cfg.graceful_timeout) / 2)

    def seconds_to_question(self, at_most: float) -> float:
        """Return how long no app has to decide whether it wants a body."""
        return min(at_most, max(0.0, self._brief[0][0] - time.monotonic())) if self._brief else at_most

    def ask_apps(self) -> None:
        """Let each app see a request whose body has not arrived in a moment."""
        while self._brief and self._brief[0][0] <= time.monotonic():
            self.take(self._brief.popleft()[1], self._ask_app)

    def take(self, connection: Connection, step: Any, *arguments: Any) -> None:
        """Run a step of the event loop; refuse or close the connection if it fails, else watch what it waits for."""
        try:
            step(connection, *arguments)
        except Refusal as refusal:
            self.refuse(connection, refusal)
        except MalformedBody:
            self.refuse(connection, Refusal(400, "malformed_body", "The chunks of the body are malformed."))
        except OSError:
            self._connections.close(connection)
        self._connections.watch(connection)

    def receive(self, connection: Connection) -> None:
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
                connection.deadline = time.monotonic() + self._limits.head_seconds
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
        head = take_head(connection.received, self._cfg.limit_request_line) if connection.received else None
        if head is None:
            if connection.has_ended:
                self._connections.close(connection)
            return
        connection.requests += 1
        connection.request, framing = parse_head(head, self._cfg, connection.address, connection.requests)
        connection.body = ReceivedBody(framing)
        connection.began_at = time.monotonic()
        connection.expects_continue = connection.request.expects_continue
        connection.phase = Phase.BODY
        self._take_body(connection)
        if connection.phase is Phase.BODY:
            self._brief.append((connection.began_at + BRIEF_SECONDS * (not connection.expects_continue), connection))
            self._on_question()

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
            connection.deadline = connection.began_at + self._limits.transfer_seconds(body.received_bytes)

    def _feed(self, connection: Connection) -> None:
        try:
            connection.feed_body()
        except OSError as error:
            log.error("body not stored", reason=error.strerror)
            raise no_room() from None

    def _serve(self, connection: Connection) -> None:
        connection.phase, connection.deadline = Phase.SERVING, FOREVER
        self._serve_request(connection)

    def _await_next(self, connection: Connection) -> None:
        """Begin to wait for the next request, which may have arrived already."""
        if connection.body is not None:
            connection.body.close()
        connection.body = connection.request = None
        connection.phase = Phase.HEAD
        connection.deadline = time.monotonic() + (
            self._limits.idle_seconds if self._is_alive() else self.linger_seconds()
        )
        if connection.received:
            connection.deadline = time.monotonic() + self._limits.head_seconds
        if connection.received or connection.has_ended:
            self._take_request(connection)

    def go_on(self, connection: Connection, phase: Phase) -> None:
        """Go on after the app has been called."""
        if connection not in self._connections:
            return
        if phase is Phase.BODY:
            connection.phase = phase
            self._await_body(connection)
        else:
            connection.phase, connection.next_phase = Phase.CLIENT, phase
            self.send(connection)

    def _await_body(self, connection: Connection) -> None:
        """Receive the body that the app wants."""
        if connection.expects_continue and connection.body and not connection.body.received_bytes:
            connection.expects_continue = False
            connection.output.sendall(CONTINUE)
            connection.output.flush()
        self._take_body(connection)

    def send(self, connection: Connection) -> None:
        connection.output.flush()
        if connection.output.pending_bytes:
            connection.deadline = connection.began_at + self._limits.transfer_seconds(connection.output.sent_bytes)
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
        connection.deadline = time.monotonic() + self._limits.linger_seconds
        if connection.has_ended:
            self._connections.close(connection)

    def refuse(self, connection: Connection, refusal: Refusal) -> None:
        """Respond with a refusal, unless the app has responded, and close the connection."""
        if connection.phase not in (Phase.HEAD, Phase.BODY):
            self._connections.close(connection)
            return
        path = connection.request.path if connection.request else ""
        try:
            connection.output.sendall(encode_refusal(refusal, path or ""))
            connection.began_at = time.monotonic()
            connection.phase, connection.next_phase = Phase.CLIENT, Phase.END
            self.send(connection)
        except OSError:
            self._connections.close(connection)

    def expire(self, connection: Connection) -> None:
        if connection.deadline > time.monotonic():
            return
        if connection.phase is Phase.HEAD and connection.received:
            raise too_slow("head")
        if connection.phase is Phase.BODY:
            raise too_slow("body")
        self._connections.close(connection)
