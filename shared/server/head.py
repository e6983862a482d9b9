"""Head of a request: complete at its empty line. Usual ones are matched by one pattern; gunicorn judges all others."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from gunicorn.http import errors
from gunicorn.http.body import ChunkedReader, LengthReader
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader

from shared.http_framing import Chunks, Framing, StatedLength
from shared.server.refusals import Refusal, refusal_of_head

MAX_HEAD_BYTES = 1 << 16
MAX_USUAL_BYTES, MAX_USUAL_HEADERS = 8_000, 64
NEW_PROTOCOL = (1, 1)
JUDGED = ""
"""In place of the name of a header with which a head is not a usual one."""

_END = b"\r\n\r\n"
_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")
_USUAL = re.compile(
    r"(GET|HEAD|POST|PATCH|PUT|DELETE|OPTIONS) ((/(?!/)[!-\"$->@-~]*)(?:\?([!-\"$-~]*))?) HTTP/1\.1\r\n"
    rf"((?:[A-Za-z0-9-]+:[\t -~]*\r\n){{0,{MAX_USUAL_HEADERS}}})\r\n"
)
"""Method, target, path, query and header lines of a head that all parsers read alike (RFC 9112, sections 3 and 5)."""
_JUDGED_BY_GUNICORN = re.compile("HTTP_(?:TRANSFER_ENCODING|EXPECT|UPGRADE|TRAILER|TE|X_FORWARDED_.*)")
_LENGTH = re.compile("[0-9]{1,15}")
_OUTSIDE_HTTP = {"CONTENT-TYPE": "CONTENT_TYPE", "CONTENT-LENGTH": "CONTENT_LENGTH"}


@dataclass(slots=True)
class Head:
    """What the server and the app need of a head. `variables` are its headers by their names in WSGI (PEP 3333)."""

    method: str
    target: str
    path: str
    query: str
    variables: dict[str, str]
    version: tuple[int, int] = NEW_PROTOCOL
    scheme: str = "http"
    ends_connection: bool = False
    expects_continue: bool = False

    @property
    def protocol(self) -> str:
        return f"HTTP/{self.version[0]}.{self.version[1]}"

    @property
    def decoded_path(self) -> str:
        """The path without its percent encoding, its bytes as Latin-1, as WSGI wants it."""
        return unquote_to_bytes(self.path).decode("latin-1") if "%" in self.path else self.path


def take_head(received: bytearray, max_line_bytes: int) -> bytes | None:
    """Remove the head of the next request from the received bytes; None until it is complete. Raises Refusal."""
    end = received.find(_END, 0, MAX_HEAD_BYTES)
    if end < 0:
        _require_valid_lines(bytes(received[:MAX_HEAD_BYTES]), max_line_bytes)
        if len(received) >= MAX_HEAD_BYTES:
            raise refusal_of_head(errors.LimitRequestHeaders("head"))
        return None
    head = bytes(received[: end + len(_END)])
    del received[: len(head)]
    return head


def _require_valid_lines(head: bytes, max_line_bytes: int) -> None:
    """Refuse early what will never become a valid head."""
    if b"\r\n" not in head[: max_line_bytes + 2] and len(head) > max_line_bytes:
        raise refusal_of_head(errors.LimitRequestLine(len(head), max_line_bytes))
    if _BARE_LINE_FEED.search(head):
        raise Refusal(400, "malformed_request", "Lines must end with a carriage return and a line feed.")


def parse_head(head: bytes, config: Any, address: Any, number: int) -> tuple[Head, Framing]:
    """Return the head of a request and the framing of its body. Raises Refusal."""
    usual = _parse_usual(head) if len(head) <= MAX_USUAL_BYTES else None
    return usual or _judge(head, config, address, number)


def _parse_usual(head: bytes) -> tuple[Head, Framing] | None:
    """Return a head without anything that parsers could read differently; none for any other."""
    matched = _USUAL.fullmatch(head.decode("latin-1"))
    if matched is None:
        return None
    method, target, path, query, block = matched.groups("")
    lines = block.split("\r\n")[:-1]
    variables = {_variable(line[: line.index(":")]): line[line.index(":") + 1 :].strip(" \t") for line in lines}
    length = variables.get("CONTENT_LENGTH", "0")
    is_usual = JUDGED not in variables and len(variables) == len(lines) and _LENGTH.fullmatch(length)
    if not is_usual or variables.get("HTTP_CONNECTION", "keep-alive").lower() != "keep-alive":
        return None
    return Head(method, target, path, query, variables), StatedLength(int(length))


@lru_cache(maxsize=1024)
def _variable(name: str) -> str:
    """Return the name of a header in WSGI; JUDGED for a header that gunicorn judges."""
    variable = _wsgi_name(name.upper())
    return JUDGED if _JUDGED_BY_GUNICORN.fullmatch(variable) else variable


def _wsgi_name(name: str) -> str:
    return _OUTSIDE_HTTP.get(name) or f"HTTP_{name.replace('-', '_')}"


def _judge(head: bytes, config: Any, address: Any, number: int) -> tuple[Head, Framing]:
    """Return the head as gunicorn reads it, which refuses what parsers read differently. Raises Refusal."""
    _require_valid_lines(head, config.limit_request_line)
    try:
        request = Request(config, IterUnreader([head]), address, number)
    except (errors.ParseException, StopIteration) as error:
        raise refusal_of_head(error) from None
    reader = request.body.reader
    length = reader.length if isinstance(reader, LengthReader) else 0
    return _head_of(request), Chunks() if isinstance(reader, ChunkedReader) else StatedLength(length)


def _head_of(request: Any) -> Head:
    return Head(
        request.method, request.uri, request.path, request.query, _joined(request.headers), request.version,
        request.scheme, request.should_close(), request._expected_100_continue,  # noqa: SLF001 (the server answers it)
    )  # fmt: skip


def _joined(headers: list[tuple[str, str]]) -> dict[str, str]:
    """Return headers by their WSGI names; one with an underscore could pass for another and is left out."""
    values: dict[str, list[str]] = {}
    for name, value in headers:
        if "_" not in name:
            values.setdefault(_wsgi_name(name), []).append(value)
    return {name: ",".join(each) for name, each in values.items()}
