"""Threads in which the app responds to the requests that have arrived."""

import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache
from queue import SimpleQueue
from typing import Any

from gunicorn.http import wsgi

from shared.server.body import BodyAwaited, ReceivedBody
from shared.server.connection import Connection, Phase
from shared.server.marks import AWAIT_BODY, REPEATED
from shared.server.refusals import encode_refusal, internal_error
from shared.telemetry import error_location, log

MAX_DISCARDED_BYTES = 1 << 16


class Answer(wsgi.Response):  # type: ignore[misc]  # gunicorn has no types
    """Response without the name of the server."""

    def default_headers(self) -> list[str]:
        connection = "close" if self.should_close() else "keep-alive"
        status_line = "HTTP/{}.{} {}".format(*self.req.version, self.status)
        lines = [status_line, f"Date: {_http_date(int(time.time()))}", f"Connection: {connection}"]
        return [f"{line}\r\n" for line in (*lines, *(["Transfer-Encoding: chunked"] if self.chunked else []))]


@lru_cache(maxsize=1)
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)


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
        request, body = connection.request, connection.body
        assert body is not None
        body.rewind()
        connection.output.sent_bytes = 0
        request.body = body
        response, environ = wsgi.create(
            request, connection.output, connection.address, connection.server, self._cfg, response_class=Answer
        )
        environ |= {"wsgi.multithread": True, REPEATED: body.is_wanted, AWAIT_BODY: body.require}
        if not self._is_alive():
            response.force_close()
        content = self._app(environ, response.start_response)
        try:
            for each in content:
                response.write(each)
            response.close()
        finally:
            if hasattr(content, "close"):
                content.close()
        connection.output.flush()
        return not response.should_close() and _is_worth_discarding(connection, body)


def _is_worth_discarding(connection: Connection, body: ReceivedBody) -> bool:
    """Return whether the rest of an unread body is on its way and small enough to receive it and go on."""
    return body.is_complete or (not connection.expects_continue and body.bytes_to_come <= MAX_DISCARDED_BYTES)
