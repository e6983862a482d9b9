"""Clients that send and receive slowly, or nothing at all, do not delay others: the app has two threads."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.unit.shared.server.clients import connect, exchange, get, post, problem_code, receive, served

SLOW_BYTES_PER_SECOND = 20


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served(head_seconds="2", body_seconds="2") as (port, *_):
        yield port


@pytest.mark.case("X2")
@pytest.mark.parametrize(
    "sent",
    [
        b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\n", post(500) + b"{", post(500, "Expect: 100-continue"),
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n", get("/") + b"GET /",
    ],
    ids=["silent", "one byte", "half head", "half body", "waiting to continue", "half chunk", "between requests"],
)  # fmt: skip
def test_a_thousand_unfinished_requests_occupy_no_thread(port: int, sent: bytes) -> None:
    with ExitStack() as open_sockets:
        for _ in range(1_000):
            open_sockets.enter_context(connect(port, sent))
        took = []
        for _ in range(20):
            began = time.monotonic()
            assert exchange(port, get("/"))[0] == 200
            took.append(time.monotonic() - began)
        assert sorted(took)[10] < 0.5


@pytest.mark.case("X2")
def test_clients_that_do_not_take_their_response_occupy_no_thread(port: int) -> None:
    with ExitStack() as open_sockets:
        for _ in range(6):
            open_sockets.enter_context(connect(port, get("/large")))
        assert exchange(port, get("/"))[0] == 200


@pytest.mark.case("X2")
def test_a_silent_connection_is_closed(port: int) -> None:
    with connect(port) as connection:
        assert connection.recv(1) == b""


def drip(port: int, begin: bytes, drops: Callable[[], Iterator[bytes]]) -> tuple[float, tuple[int, str]]:
    """Send drops slowly until the response comes; return the seconds until then, and the problem."""
    began = time.monotonic()
    with connect(port, begin) as connection:
        for drop in drops():
            connection.settimeout(1 / SLOW_BYTES_PER_SECOND)
            try:
                connection.recv(1, socket.MSG_PEEK)
                break
            except TimeoutError:
                connection.sendall(drop)
        connection.settimeout(30)
        return time.monotonic() - began, problem_code(receive(connection))


def endless(drop: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter(lambda: drop, None)


@pytest.mark.case("X2")
@pytest.mark.parametrize("begin", [b"GET / HTTP/1.1\r\nX: ", get("/")[:-2]], ids=["in a header", "between headers"])
def test_the_head_has_one_deadline_however_slowly_it_arrives(port: int, begin: bytes) -> None:
    seconds, refusal = drip(port, begin, endless(b"a"))
    assert refusal == (408, "too_slow")
    assert 1.9 < seconds < 6


@pytest.mark.case("X3")
@pytest.mark.parametrize(
    ("begin", "drop"),
    [
        (post(1_000), b" "), (post(1_000, path="/other"), b"{"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["blanks", "brackets", "chunks"],
)  # fmt: skip
def test_the_body_has_one_deadline_however_slowly_it_arrives(port: int, begin: bytes, drop: bytes) -> None:
    seconds, refusal = drip(port, begin, endless(drop))
    assert refusal == (408, "too_slow")
    assert 1.9 < seconds < 6


@pytest.mark.case("X3")
def test_a_long_body_may_take_longer_if_it_arrives_steadily(port: int) -> None:
    with connect(port, post(12_000)) as connection:
        for _ in range(12):
            connection.sendall(b"x" * 1_000)
            time.sleep(0.25)
        assert receive(connection)[0] == 200


def test_a_slow_body_is_served_once(port: int) -> None:
    def count() -> int:
        return int(exchange(port, post(1) + b"x")[2].split(b'"served": ')[1].rstrip(b"}"))

    before = count()
    with connect(port, post(2) + b"{") as connection:
        time.sleep(0.3)  # longer than a thread waits for it
        connection.sendall(b"}")
        assert receive(connection)[2].startswith(b'{"bytes": 2')
    assert count() == before + 2


def test_a_response_is_complete_although_its_client_takes_it_late(port: int) -> None:
    with connect(port, get("/large")) as connection:
        time.sleep(1)
        assert len(receive(connection)[2]) == 8 << 20
