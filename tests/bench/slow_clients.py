"""The time of one client's requests with 1,000 connections that send nothing, or one byte now and then."""

import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle
from statistics import median
from threading import Event, Thread

from tests.bench.endpoint import HELLO_REQUEST, TIMEOUT_SECONDS, exchange, run_server
from tests.bench.measure import Effort, Figure, Goal, percentile, scratch

SLOW_CLIENTS, REQUESTS, WARM_UP = 1_000, 1_000, 100
BYTES_PER_SECOND = 200
DEADLINE_SECONDS = "600"
"""So long that the server closes none of the connections while it is measured."""
GOAL = Goal(2.0, 1.2, is_maximum=True)
BEGUN = {
    "silent connections": b"",
    "slow heads": b"GET /hello HTTP/1.1\r\nHost: localhost\r\nX: ",
    "slow bodies": b"POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n",
}


def measure_slow_clients(effort: Effort) -> list[Figure]:
    """Measure the p95 of requests with slow clients of each kind, against the same without them."""
    count = effort.scale(REQUESTS)
    seconds = {"SIHE_HEAD_SECONDS": DEADLINE_SECONDS, "SIHE_BODY_SECONDS": DEADLINE_SECONDS}
    with scratch() as folder:
        variables = {**os.environ, "SIHE_HOME": str(folder), "SIHE_SERVICE": "crm", **seconds}
        with run_server(variables, "tests.bench.hello", request=lambda: HELLO_REQUEST) as hello:
            _milliseconds(hello.port, WARM_UP)
            return [_figure(name, begun, hello.port, count, effort.rounds) for name, begun in BEGUN.items()]


def _figure(name: str, begun: bytes, port: int, count: int, rounds: int) -> Figure:
    alone, disturbed = list[float](), list[float]()
    for _ in range(rounds):
        alone.append(percentile(_milliseconds(port, count), 0.95))
        with _slow_clients(port, begun):
            disturbed.append(percentile(_milliseconds(port, count), 0.95))
    ratios = [slow / fast for slow, fast in zip(disturbed, alone, strict=True)]
    shown = f"{median(disturbed):.2f} ms", f"{median(alone):.2f} ms"
    return Figure(f"p95 with {SLOW_CLIENTS:,} {name}", *shown, ratios, GOAL)


def _milliseconds(port: int, count: int) -> list[float]:
    """Return the time of each of `count` requests on one connection."""
    taken = []
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS) as connection:
        for _ in range(count):
            began = time.perf_counter()
            exchange(connection, HELLO_REQUEST)
            taken.append((time.perf_counter() - began) * 1000)
    return taken


@contextmanager
def _slow_clients(port: int, begun: bytes) -> Iterator[None]:
    """Hold these connections open; those that have begun a request send bytes, one connection after the other."""
    with ExitStack() as opened:
        clients = [
            opened.enter_context(socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS))
            for _ in range(SLOW_CLIENTS)
        ]
        for each in clients:
            each.sendall(begun)
        ended = Event()
        dripping = Thread(target=_drip, args=(clients if begun else [], ended))
        dripping.start()
        try:
            yield
        finally:
            ended.set()
            dripping.join()


def _drip(clients: Sequence[socket.socket], ended: Event) -> None:
    """Send a byte on one connection after the other until `ended`; nothing without connections."""
    turn = cycle(clients)
    while clients and not ended.wait(1 / BYTES_PER_SECOND):
        next(turn).sendall(b"x")
