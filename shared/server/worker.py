"""gunicorn worker with an event loop in front of its threads: a thread serves a request only once it has arrived.

The loop takes the steps of `request_steps` for each connection and enforces the deadlines. Idle and slow connections
therefore occupy no thread.
"""

import os
import time
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from selectors import EVENT_READ, EVENT_WRITE
from socket import socket
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from shared.server.connection import Connection, Phase
from shared.server.limits import ServerLimits
from shared.server.open_connections import OpenConnections
from shared.server.refusals import too_many_connections
from shared.server.request_steps import RequestSteps
from shared.server.request_threads import RequestThreads
from shared.telemetry import LogRecords, log

TURN_SECONDS = 1.0
ACCEPTED_AT_ONCE = 64


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
        self._next_check = 0.0
        super().init_process()

    def run(self) -> None:
        """Serve until SIGTERM, then complete the requests that have begun."""
        threads = RequestThreads(self.cfg, self.wsgi, lambda: self.alive, self._hand_back)
        self._steps = RequestSteps(self.cfg, self.limits, self._connections, threads.serve, lambda: self.alive)
        threads.start()
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
            connection.deadline = min(connection.deadline, now + self._steps.linger_seconds())
        while self._connections and time.monotonic() < now + self.cfg.graceful_timeout:
            self._turn(0.1)
        for connection in self._connections:
            self._connections.close(connection)

    # -- event loop

    def _turn(self, seconds: float) -> None:
        for key, mask in self._selector.select(self._steps.seconds_to_question(seconds)):
            key.data(mask)
        self._steps.ask_apps()
        if time.monotonic() >= self._next_check:
            self._next_check = time.monotonic() + TURN_SECONDS if self.alive else 0.1
            self.notify()
            self._close_overdue()

    def _drain_wakeups(self, _mask: int) -> None:
        with suppress(BlockingIOError):
            os.read(self.PIPE[0], 4096)
        while not self._served.empty():
            self._steps.take(self._served.get(), self._steps.go_on)

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
            self._steps.take(connection, self._steps.refuse, too_many_connections())

    def _on_event(self, connection: Connection, mask: int) -> None:
        if mask & EVENT_WRITE:
            self._steps.take(connection, self._steps.send)
        if mask & EVENT_READ and connection in self._connections:
            self._steps.take(connection, self._steps.receive)

    def _close_overdue(self) -> None:
        now = time.monotonic()
        for connection in self._connections:
            if now >= connection.deadline:
                self._steps.take(connection, self._steps.expire)

    def _hand_back(self, connection: Connection, phase: Phase) -> None:
        if self._steps.hand_back(connection, phase):
            self._wake(connection)


def worker_class(limits: ServerLimits) -> type[BufferingWorker]:
    """Return the worker class for gunicorn with these limits."""
    return type("LimitedWorker", (BufferingWorker,), {"limits": limits})
