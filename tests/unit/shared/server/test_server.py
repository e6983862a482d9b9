"""The server between the clients and the app: connections, bodies, refusals, and its end."""

import json
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.unit.shared.server.clients import SYSTEMS, connect, exchange, get, post, problem_code, receive, served

CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module", params=SYSTEMS)
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    with served(system=request.param) as (port, *_):
        yield port


@pytest.mark.case("X25")
@pytest.mark.parametrize(
    ("sent", "refusal"),
    [
        (b"nonsense\r\n\r\n", (400, "malformed_request")),
        (b"GET / HTTP/1.1\nHost: x\n\n", (400, "malformed_request")),
        (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", (400, "malformed_request")),
        (b"GET /" + b"a" * 9_000, (414, "too_long")),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", (431, "headers_too_large")),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000, (431, "headers_too_large")),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: br\r\n\r\n", (501, "unsupported_encoding")),
        (post(1, "Expect: tea"), (417, "unknown_expectation")),
        (CHUNKED + b"x\r\n", (400, "malformed_body")),
        (CHUNKED + b"1\r\nab\r\n", (400, "malformed_body")),
        (CHUNKED + b"1;\n\r\na\r\n0\r\n\r\n", (400, "malformed_body")),
        (get("/broken"), (500, "internal_error")),
    ],
    ids=lambda sent: repr(sent[:40]) if isinstance(sent, bytes) else "",
)  # fmt: skip
def test_the_server_refuses_with_problems_and_without_its_name(port: int, sent: bytes, refusal: Any) -> None:
    assert problem_code(exchange(port, sent)) == refusal


@pytest.mark.case("X25")
def test_no_response_names_the_server(port: int) -> None:
    assert "server" not in exchange(port, get("/"))[1]


def test_a_connection_serves_several_requests_also_sent_at_once(port: int) -> None:
    with connect(port, get("/") + post(3) + b"abc" + get("/")) as connection:
        received = b""
        while received.count(b"HTTP/1.1 200 OK") < 3 or not received.endswith(b"hello"):
            received += connection.recv(65_536)
    assert b'"bytes": 3' in received


@pytest.mark.case("B48")
@pytest.mark.parametrize("size", [0, 1_000, 100_000, 20 << 20])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_that_passes_through_a_file_is_begun_again_once_at_most(port: int, size: int, is_chunked: bool) -> None:
    pieces = [b"x" * len(each) for each in (range(at, min(at + 50_000, size)) for at in range(0, size, 50_000))]
    head = CHUNKED.replace(b"/ ", b"/sheet ", 1) if is_chunked else post(size, path="/sheet")
    body = [b"%x\r\n%b\r\n" % (len(each), each) for each in pieces] + [b"0\r\n\r\n"] if is_chunked else pieces
    status, _, content = exchange(port, head + b"".join(body))
    answer = json.loads(content)
    assert (status, answer["bytes"]) == (200, size)
    assert 1 <= answer["begun"] <= 2


def test_the_old_protocol_and_close_end_the_connection(port: int) -> None:
    for sent in (b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"):
        with connect(port, sent) as connection:
            assert receive(connection)[1]["connection"] == "close"
            assert connection.recv(1) == b""


@pytest.mark.parametrize("size", [0, 1, 70_000, 5 << 20], ids=["none", "one byte", "some", "larger than memory"])
def test_bodies_arrive_whole(port: int, size: int) -> None:
    assert json.loads(exchange(port, post(size) + b"x" * size)[2])["bytes"] == size


@pytest.mark.parametrize("size", [1, 1_000, 1 << 20])
def test_chunks_are_joined(port: int, size: int) -> None:
    chunk = b"%x;extension=1\r\n%b\r\n" % (size, b"x" * size)
    sent = CHUNKED + chunk * 3 + b"0\r\nTrailer: t\r\n\r\n"
    assert json.loads(exchange(port, sent)[2])["bytes"] == 3 * size


def test_a_client_is_asked_to_continue_only_if_its_body_is_wanted(port: int) -> None:
    with connect(port, post(2, "Expect: 100-continue")) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n")
        connection.sendall(b"{}")
        assert json.loads(receive(connection)[2])["bytes"] == 2
    with connect(port, post(2, "Expect: 100-continue", path="/locked")) as connection:
        assert receive(connection)[0] == 401
        assert connection.recv(1) == b""


def test_a_body_is_not_received_if_the_head_is_refused(port: int) -> None:
    with connect(port, post(50 << 20, path="/locked")) as connection:
        assert receive(connection)[0] == 401


def test_lines_without_a_stated_length_are_streamed(port: int) -> None:
    with connect(port, get("/lines")) as connection, connection.makefile("rb") as stream:
        received = stream.readline()
        while not received.endswith(b"0\r\n\r\n"):
            received += stream.read1()
    assert b"9999\n" in received


def test_a_request_is_served_although_its_client_ends_sending(port: int) -> None:
    with connect(port, get("/")) as connection:
        connection.shutdown(socket.SHUT_WR)
        assert receive(connection)[2] == b"hello"


@pytest.mark.case("X2")
def test_one_address_may_not_take_all_connections() -> None:
    with served(max_connections_per_address="5", shared_networks="") as (port, *_), ExitStack() as open_sockets:
        for _ in range(5):
            open_sockets.enter_context(connect(port))
        status, headers, _ = refused = exchange(port, b"")
        assert problem_code(refused) == (429, "too_many_connections")
        assert (status, int(headers["retry-after"]) > 0) == (429, True)


@pytest.mark.case("X2")
def test_idle_connections_give_way_to_new_ones() -> None:
    with served(max_connections="5") as (port, *_), ExitStack() as open_sockets:
        idle = [open_sockets.enter_context(connect(port)) for _ in range(20)]
        assert exchange(port, get("/"))[0] == 200
        assert idle[0].recv(1) == b""


@pytest.mark.parametrize("system", SYSTEMS)
def test_requests_that_arrive_while_all_threads_are_busy_are_served_afterwards(system: str) -> None:
    with served(system=system, head_seconds="0.5") as (port, *_), socket.create_server(("127.0.0.1", 0)) as gate:
        busy = [connect(port, get(f"/wait/{gate.getsockname()[1]}")) for _ in range(2)]
        waiting = [gate.accept()[0] for _ in busy]
        late = [connect(port, get("/")) for _ in range(5)]
        with connect(port, b"GET / HTTP/1.1\r\n") as unfinished:
            assert receive(unfinished)[0] == 408
        for each in waiting:
            each.sendall(b"opened")
        assert [receive(each)[2] for each in busy] == [b"opened"] * 2
        assert [receive(each)[2] for each in late] == [b"hello"] * 5
        for each in (*busy, *waiting, *late):
            each.close()


def test_a_stopping_server_completes_what_has_begun() -> None:
    with served() as (port, server, _), connect(port, post(2) + b"{") as connection:
        assert exchange(port, get("/"))[0] == 200
        server.send_signal(signal.SIGTERM)
        connection.sendall(b"}")
        assert receive(connection)[0] == 200
        assert server.wait(30) == 0


@pytest.mark.case("X25")
def test_what_the_server_logs_is_json() -> None:
    with served() as (port, server, logged):
        exchange(port, b"nonsense\r\n\r\n")
        exchange(port, get("/broken"))
        server.terminate()
        server.wait(60)
        logged.seek(0)
        lines = logged.read().decode().splitlines()
    entries = [json.loads(line) for line in lines]
    assert {"request refused", "unexpected"} <= {each["event"] for each in entries}
    assert "secret" not in "".join(lines)


@pytest.mark.case("X17")
@pytest.mark.parametrize(
    ("sent", "status"), [(get("/logged"), 200), (post(3) + b"abc", 200), (b"nonsense\r\n\r\n", 400)]
)
def test_requests_are_answered_although_no_log_line_can_be_written(sent: bytes, status: int) -> None:
    with served(log_is_read=False) as (port, *_):
        assert exchange(port, sent)[0] == status
        assert exchange(port, get("/broken"))[0] == 500
