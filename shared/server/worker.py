"""gunicorn worker whose threads receive from all connections and serve a request only once it has arrived.

They take the steps of `request_steps` for each connection; the main thread enforces the deadlines. Idle and slow
connections therefore occupy no thread.
"""

import os
import threading
import time
from contextlib import suppress
from functools import partial
from select import POLLIN, poll
from selectors import EVENT_READ, EVENT_WRITE
from socket import socket
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from shared.server.connection import Connection, Phase
from shared.server.limits import ServerLimits
from shared.server.open_connections import OpenConnections
from shared.server.readiness import create_readiness
from shared.server.refusals import too_many_connections
from shared.server.request_steps import RequestSteps
from shared.server.request_threads import RequestThreads
from shared.telemetry import LogRecords, log

TURN_SECONDS, DRAIN_TURN_SECONDS = 1.0, 0.05
ACCEPTED_AT_ONCE = 64


class ServerLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Writes what gunicorn logs like the suite's own entries."""

    def _set_handler(self, log: Any, *_: Any, **__: Any) -> None:
        handler = LogRecords()
        handler._gunicorn = True  # type: ignore[attr-defined]  # noqa: SLF001 (marks what gunicorn replaces)
        log.addHandler(handler)


class BufferingWorker(Worker):  # type: ignore[misc]  # gunicorn has no types
    """One process: the main thread for signals and deadlines, and the threads that serve requests."""

    limits = ServerLimits()

    def init_process(self) -> None:
        self._lock = threading.Lock()
        self._readiness = create_readiness()
        self._connections = OpenConnections(self.limits, self._readiness, self._on_event)
        self._next_check = 0.0
        super().init_process()

    def run(self) -> None:
        """Serve until SIGTERM, then complete the requests that have begun."""
        self._threads = RequestThreads(self.cfg, self.wsgi, lambda: self.alive, self._readiness, self._lock)
        self._steps = RequestSteps(
            self.cfg, self.limits, self._connections, self._threads.serve, lambda: self.alive, self._interrupt
        )
        self._signals, self._everything = poll(), poll()
        for each in (self._signals, self._everything):
            each.register(self.PIPE[0], POLLIN)
        self._everything.register(self._readiness.fileno(), POLLIN)
        self._threads.start(self._go_on, self._interrupt)
        for listening in self.sockets:
            listening.setblocking(False)
            self._await_connections(listening)
        while self.alive and self._threads.are_alive and self.ppid == os.getppid():
            self._turn(TURN_SECONDS)
        self._drain()

    def _drain(self) -> None:
        with self._lock:
            for listening in self.sockets:
                self._readiness.forget(listening.fileno())
                listening.close()
            now = time.monotonic()
            for connection in self._connections:
                connection.deadline = min(connection.deadline, now + self._steps.linger_seconds())
        while self._connections and time.monotonic() < now + self.cfg.graceful_timeout:
            self._turn(DRAIN_TURN_SECONDS)
        with self._lock:
            for connection in self._connections:
                self._connections.close(connection)

    # -- main thread

    def _turn(self, seconds: float) -> None:
        """Wait for a signal or a deadline, and for events as well while all threads are busy or the server stops."""
        is_needed = self._threads.are_all_busy or not self.alive or not self._readiness.is_left_to_threads
        awaited = self._everything if is_needed else self._signals
        awaited.poll(self._steps.seconds_to_question(seconds) * 1000)
        with suppress(BlockingIOError):
            os.read(self.PIPE[0], 4096)
        with self._lock:
            self._threads.handle(self._readiness.take_events() if is_needed else ())
            self._steps.ask_apps()
            self._threads.wake_for_ready()
            self._check_deadlines()

    def _check_deadlines(self) -> None:
        if time.monotonic() >= self._next_check:
            self._next_check = time.monotonic() + TURN_SECONDS if self.alive else 0.1
            self.notify()
            self._close_overdue()

    def _interrupt(self) -> None:
        """Let the main thread begin its next turn."""
        with suppress(BlockingIOError):
            os.write(self.PIPE[1], b"1")

    # -- any thread, under the lock

    def _await_connections(self, listening: socket) -> None:
        self._readiness.watch(listening.fileno(), EVENT_READ, partial(self._accept, listening))

    def _accept(self, listening: socket, _mask: int) -> None:
        if listening.fileno() >= 0:
            self._accept_waiting(listening)
            self._await_connections(listening)

    def _accept_waiting(self, listening: socket) -> None:
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
        connection.watched = 0
        if mask & EVENT_WRITE:
            self._steps.take(connection, self._steps.send)
        if mask & EVENT_READ and connection in self._connections:
            self._steps.take(connection, self._steps.receive)

    def _go_on(self, connection: Connection, phase: Phase) -> None:
        self._steps.take(connection, self._steps.go_on, phase)

    def _close_overdue(self) -> None:
        now = time.monotonic()
        for connection in self._connections:
            if now >= connection.deadline:
                self._steps.take(connection, self._steps.expire)


def worker_class(limits: ServerLimits) -> type[BufferingWorker]:
    """Return the worker class for gunicorn with these limits."""
    return type("LimitedWorker", (BufferingWorker,), {"limits": limits})
