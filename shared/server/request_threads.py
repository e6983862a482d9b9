"""Threads in which the app responds to the requests that have arrived."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from shared.server.answer import Answer
from shared.server.body import BodyAwaited, ReceivedBody
from shared.server.connection import Connection, Phase
from shared.server.environment import environment_of
from shared.server.marks import AWAIT_BODY, REPEATED
from shared.server.refusals import encode_refusal, internal_error
from shared.telemetry import error_location, log

MAX_DISCARDED_BYTES = 1 << 16


class RequestThreads:
    """Let the app respond to one request each; then `hand_back` gets the connection and its next phase."""

    def __init__(
        self, cfg: Any, app: Any, is_alive: Callable[[], bool], hand_back: Callable[[Connection, Phase], None]
    ) -> None:
        self._cfg, self._app, self._is_alive, self._hand_back = cfg, app, is_alive, hand_back
        self._ready: SimpleQueue[Connection] = SimpleQueue()

    def start(self) -> None:
        """Start all threads; they end with the process."""
        for _ in range(self._cfg.threads):
            threading.Thread(target=self._serve_requests, daemon=True).start()

    def serve(self, connection: Connection) -> None:
        """Let the app respond as soon as a thread is free."""
        self._ready.put(connection)

    def _serve_requests(self) -> None:
        while True:
            connection = self._ready.get()
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
