"""Responses as WSGI asks for them: their head, the framing of their body, and what ends the connection."""

import re
import socket

import pytest

from shared.server.answer import Answer
from shared.server.head import Head
from shared.server.output import Output

Headers = list[tuple[str, str]]
JSON = ("Content-Type", "application/json")
TWO_BYTES = ("Content-Length", "2")


def sent(
    headers: Headers, *body: bytes, status: str = "200 OK", method: str = "GET", version: tuple[int, int] = (1, 1)
) -> tuple[str, bytes, bool]:
    """Return head and body that a client receives, and whether the connection ends with them."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        output = Output(ours)
        answer = Answer(Head(method, "/", "/", "", {}, version), output, ends_connection=False)
        write = answer.start_response(status, headers)
        for each in body:
            write(each)
        answer.close()
        output.flush()
        ours.shutdown(socket.SHUT_WR)
        with theirs.makefile("rb") as stream:
            head, _, content = stream.read().partition(b"\r\n\r\n")
    return re.sub(r"Date: [^\r]+", "Date: now", head.decode("latin-1")), content, answer.should_close()


def test_a_response_has_its_status_its_headers_and_its_body() -> None:
    head, body, ends = sent([JSON, TWO_BYTES], b"{}")
    assert head.split("\r\n") == [
        "HTTP/1.1 200 OK", "Date: now", "Connection: keep-alive", "Content-Type: application/json", "Content-Length: 2",
    ]  # fmt: skip
    assert (body, ends) == (b"{}", False)


def test_a_body_without_a_stated_length_is_sent_in_chunks() -> None:
    head, body, ends = sent([JSON], b"{", b"", b"}")
    assert "Transfer-Encoding: chunked" in head
    assert (body, ends) == (b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", False)


def test_a_body_without_a_stated_length_ends_with_the_connection_of_an_old_client() -> None:
    head, body, ends = sent([JSON], b"{", b"}", version=(1, 0))
    assert head.startswith("HTTP/1.0 200 OK")
    assert "Connection: close" in head
    assert (body, ends) == (b"{}", True)


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", "200 OK"), ("GET", "304 Not Modified"), ("GET", "204 No Content")]
)
def test_no_body_is_sent_where_there_is_none(method: str, status: str) -> None:
    _, body, ends = sent([JSON], b"{}", method=method, status=status)
    assert (body, ends) == (b"", False)


def test_nothing_is_sent_beyond_the_stated_length() -> None:
    assert sent([TWO_BYTES], b"{", b"}}", b"more")[1:] == (b"{}", False)


def test_a_body_shorter_than_stated_ends_the_connection_so_that_the_client_does_not_wait() -> None:
    assert sent([TWO_BYTES], b"{")[1:] == (b"{", True)


def test_the_server_alone_decides_on_the_connection() -> None:
    head, _, ends = sent([("Connection", "close"), ("Server", "app"), ("Date", "then"), TWO_BYTES], b"{}")
    assert head.split("\r\n")[1:] == ["Date: now", "Connection: keep-alive", "Content-Length: 2"]
    assert not ends


@pytest.mark.parametrize(
    "header", [("Link", "a\r\nSet-Cookie: b"), ("Link", "a\nb"), ("Li nk", "a"), ("Link", "a\0"), ("Link", "中")]
)
def test_a_header_that_would_become_two_is_not_sent(header: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="not allowed"):
        sent([header, TWO_BYTES], b"{}")
