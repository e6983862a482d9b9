"""Heads of requests: the pattern for usual ones accepts nothing that gunicorn's parser refuses or reads differently."""

import pytest
from gunicorn.config import Config
from hypothesis import given
from hypothesis import strategies as st

from shared.http_framing import StatedLength
from shared.server.head import Head, _judge, _parse_usual, parse_head
from shared.server.refusals import Refusal

ADDRESS = ("127.0.0.1", 4_000)
USUAL = (
    b"POST /api/v1/crm/customers/%C3%A4?q=a%20b HTTP/1.1\r\nHost: x:80\r\nContent-Type: application/json\r\n"
    b"content-length:  2 \r\nAuthorization: Bearer k\r\nConnection: Keep-Alive\r\n\r\n"
)

NAMES = st.sampled_from(
    ["Host", "content-length", "Content-Type", "Connection", "Transfer-Encoding", "Expect", "X-Forwarded-Proto",
     "X_Y", "X-Y", "Accept", "Cookie", "Te", "Trailer", "Upgrade", "bad name", "", "Ä", "Script_Name"]
)  # fmt: skip
VALUES = st.sampled_from(
    ["", "1", "+1", "٣", "1_0", "chunked", "gzip, chunked", "identity", "100-continue", "close", "keep-alive", "https",
     "a\tb", "a\x00b", "a\rb", "a\nb", " padded ", "é", "\x7f", "1, 1", "99999999999999999999"]
) | st.text(st.characters(max_codepoint=255), max_size=6)  # fmt: skip
TARGETS = st.sampled_from(
    ["/", "/a", "//a", "/a?b", "/a#b", "/a?b#c", "/%zz", "/ä", "/a\\b", "/?", "*", "http://x/a", "/a b", "/;a", "/\x7f"]
) | st.text(st.characters(max_codepoint=127), max_size=6).map("/{}".format)  # fmt: skip
METHODS = st.sampled_from(["GET", "HEAD", "POST", "get", "CONNECT", "OPTIONS", "PATCH", "M#", ""])
PROTOCOLS = st.sampled_from(["HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.10", "http/1.1", ""])
SEPARATORS = st.sampled_from([": ", ":", " : ", ":\t", "", "\r\n ", ":\r\n "])
USUAL_LINES = st.sampled_from(["Host: x", "Accept: */*", "Content-Length: 2", "X-Y:z", "Connection: keep-alive"])
LINES = USUAL_LINES | USUAL_LINES | st.tuples(NAMES, SEPARATORS, VALUES).map("".join)
REQUEST_LINES = st.tuples(METHODS, TARGETS, PROTOCOLS).map(" ".join)
HEADS = (
    st.just("GET /a?b HTTP/1.1") | TARGETS.map("GET {} HTTP/1.1".format) | REQUEST_LINES,
    st.lists(LINES, max_size=4),
)


@given(*HEADS)
def test_what_the_pattern_accepts_gunicorn_reads_in_the_same_way(request_line: str, lines: list[str]) -> None:
    head = "".join(f"{each}\r\n" for each in (request_line, *lines, "")).encode("latin-1", "replace")
    usual = _parse_usual(head)
    if usual is not None:
        assert _readings(usual) == _readings(_judge(head, Config(), ADDRESS, 1))


def _readings(parsed: tuple[Head, object]) -> tuple[Head, object]:
    head, framing = parsed
    assert isinstance(framing, StatedLength)
    return head, framing.left


def test_a_usual_head_is_read_without_gunicorn() -> None:
    head, framing = _readings(parse_head(USUAL, None, ADDRESS, 1))
    assert framing == 2
    assert (head.method, head.target) == ("POST", "/api/v1/crm/customers/%C3%A4?q=a%20b")
    assert (head.decoded_path, head.query) == ("/api/v1/crm/customers/Ã¤", "q=a%20b")
    assert head.variables == {
        "HTTP_HOST": "x:80", "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "2",
        "HTTP_AUTHORIZATION": "Bearer k", "HTTP_CONNECTION": "Keep-Alive",
    }  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "X_Y: a",
        "Host: y",
        "Content-Length: 3",
        "Transfer-Encoding: chunked",
        "Expect: 100-continue",
        "Connection: close",
    ],
)
def test_a_head_with_anything_unusual_is_judged_by_gunicorn(line: str) -> None:
    assert _parse_usual(USUAL.replace(b"\r\n\r\n", f"\r\n{line}\r\n\r\n".encode())) is None


def test_a_header_with_an_underscore_never_passes_for_another_one() -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\nScript_Name: /a\r\nX_Y: forged\r\nX-Y: true\r\n\r\n"
    assert parse_head(head, Config(), ADDRESS, 1)[0].variables == {"HTTP_HOST": "x", "HTTP_X_Y": "true"}


def test_repeated_headers_are_joined() -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\nAccept: a\r\nAccept: b\r\n\r\n"
    assert parse_head(head, Config(), ADDRESS, 1)[0].variables["HTTP_ACCEPT"] == "a,b"


def test_two_lengths_are_refused() -> None:
    with pytest.raises(Refusal):
        parse_head(USUAL.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n"), Config(), ADDRESS, 1)
