"""Connections to services: what a response is, and what is none, over a real socket."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import BufferedRandom
from pathlib import Path

import pytest

from shared.http_connection import HttpConnection, HttpResponse, MalformedResponse

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@contextmanager
def server_that_sends(*pieces: bytes) -> Iterator[tuple[HttpConnection, list[bytes]]]:
    """Yield a connection to a server that sends these pieces once it has received, and what it has received."""
    received: list[bytes] = []

    def serve() -> None:
        with listening.accept()[0] as accepted:
            received.append(_received_by(accepted))
            for each in pieces:
                accepted.sendall(each)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        with closing(HttpConnection(*listening.getsockname(), 5)) as connection:
            yield connection, received
        thread.join()


def _received_by(accepted: socket.socket) -> bytes:
    """Return a whole request, or what came of it."""
    received = b""
    while not _is_whole(received) and (more := accepted.recv(1 << 16)):
        received += more
    return received


def _is_whole(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"Content-Length: ([0-9]+)", head)
    return bool(end) and len(body) >= int(length[1] if length else 0)


def response_to(*pieces: bytes) -> tuple[HttpResponse, bool]:
    """Return the response in these pieces, and whether the connection has ended with it."""
    with server_that_sends(*pieces) as (connection, _):
        connection.send("GET", "/", {})
        return connection.receive(), connection.has_ended


@pytest.mark.parametrize(
    ("pieces", "body", "has_ended"),
    [
        ((OK + b"Content-Length: 2\r\n\r\n{}",), b"{}", False),
        ((OK + b"Content-Le", b"ngth: 2\r\n\r\n{", b"}"), b"{}", False),
        ((OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", b"1\r\n}\r\n0\r\n\r\n"), b"{}", False),
        ((OK + b"\r\n{", b"}"), b"{}", True),
        ((OK + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}",), b"{}", True),
        ((b"HTTP/1.1 204 No Content\r\n\r\n",), b"", False),
        ((b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",), b"", True),
    ],
)
def test_a_response_is_read_to_its_end(pieces: tuple[bytes, ...], body: bytes, has_ended: bool) -> None:
    response, ended = response_to(*pieces)
    assert (response.body, ended) == (body, has_ended)


def test_status_and_headers_are_those_that_were_sent() -> None:
    response, _ = response_to(
        b'HTTP/1.1 409 Conflict\r\nETag:  "7" \r\nLink: </a>; rel="next"\r\nContent-Length: 0\r\n\r\n'
    )
    assert (response.status, response.is_ok) == (409, False)
    assert response.headers[:2] == [("ETag", '"7"'), ("Link", '</a>; rel="next"')]
    assert response.header("etag") == '"7"'


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        OK + b"no colon\r\n\r\n",
        OK + b" folded: line\r\n\r\n",
        OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        OK + b"Content-Length: +2\r\n\r\n{}",
        OK + b"Content-Length: 3\r\n\r\n{}",
        OK + b"Content-Length: 1\r\n\r\n{}",
        OK + b"Transfer-Encoding: chunked\r\n\r\nx\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * (1 << 17),
    ],
    ids=lambda sent: repr(sent[-30:]),
)
def test_what_is_no_response_is_refused(sent: bytes) -> None:
    with pytest.raises(MalformedResponse):
        response_to(sent)


def test_a_server_that_closes_without_a_response_resets_the_connection() -> None:
    with pytest.raises(ConnectionResetError):
        response_to()


def test_a_request_has_its_headers_and_the_length_of_its_body() -> None:
    with server_that_sends(OK + b"Content-Length: 0\r\n\r\n") as (connection, received):
        connection.send("POST", "/a?b=c", {"Accept": "*/*"}, b"{}")
        connection.receive()
    head, _, body = received[0].partition(b"\r\n\r\n")
    first, host, *rest = head.split(b"\r\n")
    assert (first, host[:16], rest) == (
        b"POST /a?b=c HTTP/1.1",
        b"Host: 127.0.0.1:",
        [b"Accept: */*", b"Content-Length: 2"],
    )
    assert body == b"{}"


def test_a_body_in_a_file_is_sent_whole(tmp_path: Path) -> None:
    with server_that_sends(OK + b"Content-Length: 0\r\n\r\n") as (connection, received):
        with (tmp_path / "sheet").open("w+b") as file:
            assert isinstance(file, BufferedRandom)
            file.write(b"code;name")
            connection.send("POST", "/", {}, file)
        connection.receive()
    assert received[0].endswith(b"Content-Length: 9\r\n\r\ncode;name")


def test_a_header_with_a_line_break_is_not_sent() -> None:
    with server_that_sends() as (connection, received), pytest.raises(ValueError, match="line break"):
        connection.send("GET", "/", {"Accept": "a\r\nAuthorization: b"})
    assert received == [b""]
