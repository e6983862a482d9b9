"""Threads that see to the connections and let the app respond to the requests that have arrived."""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from shared.server.answer import Answer
from shared.server.body import BodyAwaited, ReceivedBody
from shared.server.connection import Connection, Phase
from shared.server.environment import environment_of
from shared.server.marks import AWAIT_BODY, REPEATED
from shared.server.readiness import Events, Readiness
from shared.server.refusals import encode_refusal, internal_error
from shared.telemetry import error_location, log

MAX_DISCARDED_BYTES = 1 << 16


class RequestThreads:
    """Each thread waits for an event and, if it completes a request, lets the app respond; then `go_on` is called.

    All steps of the event loop are taken under `lock`; the app is called without it. While all threads are busy,
    `on_all_busy` is called once, so that another thread handles the events.
    """

    def __init__(
        self, cfg: Any, app: Any, is_alive: Callable[[], bool], readiness: Readiness, lock: AbstractContextManager[Any]
    ) -> None:
        self._cfg, self._app, self._is_alive = cfg, app, is_alive
        self._readiness, self._lock = readiness, lock
        self._ready: deque[Connection] = deque()
        self._threads: list[threading.Thread] = []
        self._busy = 0

    def start(self, go_on: Callable[[Connection, Phase], None], on_all_busy: Callable[[], None]) -> None:
        """Start all threads; they end with the process."""
        self._go_on, self._on_all_busy = go_on, on_all_busy
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(self._cfg.threads)]
        for each in self._threads:
            each.start()

    @property
    def are_alive(self) -> bool:
        """Whether no thread was ended by an error of the server itself."""
        return all(each.is_alive() for each in self._threads)

    @property
    def are_all_busy(self) -> bool:
        return self._busy >= len(self._threads)

    def serve(self, connection: Connection) -> None:
        """Let the app respond as soon as a thread is free. Called under the lock."""
        self._ready.append(connection)

    def handle(self, events: Events) -> None:
        """Handle events in a thread that serves no requests. Called under the lock."""
        for handler, mask in events:
            handler(mask)
        self.wake_for_ready()

    def wake_for_ready(self) -> None:
        """Wake a thread if a request is ready and one is free. Called under the lock."""
        if self._ready and not self.are_all_busy:
            self._readiness.wake()

    def _work(self) -> None:
        connection: Connection | None = None
        while True:
            connection = self._handle_event() if connection is None else self._serve(connection)

    def _handle_event(self) -> Connection | None:
        """Wait for one event and handle it; return the next connection to serve."""
        events = self._readiness.wait()
        with self._lock:
            for handler, mask in events:
                handler(mask)
            return self._next_or_none()

    def _serve(self, connection: Connection) -> Connection | None:
        """Let the app respond to a request; return the next connection to serve."""
        phase = self._phase_after_serving(connection)
        with self._lock:
            self._busy -= 1
            self._go_on(connection, phase)
            return self._next_or_none()

    def _next_or_none(self) -> Connection | None:
        if not self._ready:
            return None
        connection = self._ready.popleft()
        self._busy += 1
        if self.are_all_busy:
            self._on_all_busy()
        self.wake_for_ready()
        return connection

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
        head, body = connection.request, connection.body
        assert head is not None
        assert body is not None
        body.rewind()
        connection.output.sent_bytes = 0
        answer = Answer(head, connection.output, ends_connection=not self._is_alive())
        environment = environment_of(head, connection.address, connection.server)
        marks = {"wsgi.input": body, REPEATED: body.is_wanted, AWAIT_BODY: body.require}
        content = self._app(environment | marks, answer.start_response)
        try:
            for each in content:
                answer.write(each)
            answer.close()
        finally:
            if hasattr(content, "close"):
                content.close()
        connection.output.flush()
        return not answer.should_close() and _is_worth_discarding(connection, body)


def _is_worth_discarding(connection: Connection, body: ReceivedBody) -> bool:
    """Return whether the rest of an unread body is on its way and small enough to receive it and go on."""
    return body.is_complete or (not connection.expects_continue and body.bytes_to_come <= MAX_DISCARDED_BYTES)
