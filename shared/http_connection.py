"""HTTP/1.1 connection to one server: sends a request, reads the response, and stays open for the next one."""

import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import SEEK_END, BufferedRandom
from typing import Any

from shared import codec
from shared.http_framing import Chunks, Framing, MalformedBody, StatedLength

RECEIVED_BYTES = 1 << 16
MAX_HEAD_BYTES = 1 << 16
BODILESS = frozenset({204, 304})

_END = b"\r\n\r\n"
_HEAD = re.compile(r"HTTP/1\.([01]) ([1-5][0-9]{2})(?: [^\r\n]*)?\r\n((?:[^\s:]+:[^\r\n]*\r\n)*)\r\n")

Headers = Mapping[str, str]
Body = bytes | BufferedRandom | None
"""A body in memory, or one in a file, which is sent piece by piece."""


class MalformedResponse(OSError):
    """Raised when what a server sends is no response (RFC 9112)."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """The complete response of a service."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def is_ok(self) -> bool:
        return self.status < 300

    def json(self) -> Any:
        return codec.decode_untyped(self.body)

    def header(self, name: str) -> str | None:
        return next((value for each, value in self.headers if each.lower() == name), None)


class HttpConnection:
    """One request at a time. All methods raise OSError; after that, or once `has_ended`, close it."""

    def __init__(self, host: str, port: int, connect_seconds: float) -> None:
        self.socket = socket.create_connection((host, port), connect_seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.has_ended = False
        self._authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def send(self, method: str, target: str, headers: Headers, body: Body = None) -> None:
        """Send a request. Raises ValueError for a header with a line break."""
        length = {} if method == "GET" and body is None else {"Content-Length": str(_length_of(body))}
        lines = [f"{name}: {value}\r\n" for name, value in ({"Host": self._authority} | dict(headers) | length).items()]
        head = f"{method} {target} HTTP/1.1\r\n{''.join(lines)}\r\n".encode("latin-1")
        if head.count(b"\n") != len(lines) + 2 or head.count(b"\r") != len(lines) + 2:
            raise ValueError("a header has a line break")
        self.socket.sendall(head + body if isinstance(body, bytes) else head)
        if isinstance(body, BufferedRandom):
            body.seek(0)
            self.socket.sendfile(body)

    def receive(self) -> HttpResponse:
        """Return the whole response. Raises ConnectionResetError if the server closed before it sent one."""
        received = b""
        while (end := received.find(_END)) < 0:
            received += self._receive_more(ConnectionResetError("no response"))
            if len(received) > MAX_HEAD_BYTES:
                raise MalformedResponse("the head is too large")
        head, rest = received[: end + len(_END)], received[end + len(_END) :]
        minor, status, headers = _parse(head)
        self.has_ended = minor == "0" or _values(headers, "connection") == ["close"]
        return HttpResponse(status, headers, b"".join(self._read_body(_framing(status, headers), rest)))

    def close(self) -> None:
        self.socket.close()

    def _read_body(self, framing: Framing | None, rest: bytes) -> Iterator[bytes]:
        """Yield the parts of a body; without framing it ends with the connection."""
        if framing is None:
            yield rest
            while data := self.socket.recv(RECEIVED_BYTES):
                yield data
            self.has_ended = True
            return
        try:
            content, rest = framing.decode(rest)
            yield content
            while not framing.is_complete:
                content, rest = framing.decode(self._receive_more(MalformedResponse("the body is cut")))
                yield content
        except MalformedBody:
            raise MalformedResponse("the chunks of the body are malformed") from None
        if rest:
            raise MalformedResponse("more than one response")

    def _receive_more(self, at_end: OSError) -> bytes:
        """Return received bytes. Raises `at_end` if the server has closed the connection."""
        data = self.socket.recv(RECEIVED_BYTES)
        if not data:
            raise at_end
        return data


def _length_of(body: Body) -> int:
    if isinstance(body, BufferedRandom):
        return body.seek(0, SEEK_END)
    return len(body or b"")


def _parse(head: bytes) -> tuple[str, int, list[tuple[str, str]]]:
    """Return the minor version of the protocol, the status and the headers."""
    matched = _HEAD.fullmatch(head.decode("latin-1"))
    if matched is None:
        raise MalformedResponse("the head is malformed")
    minor, status, block = matched.groups()
    lines = [line.partition(":") for line in block.split("\r\n")[:-1]]
    return minor, int(status), [(name, value.strip(" \t")) for name, _, value in lines]


def _framing(status: int, headers: list[tuple[str, str]]) -> Framing | None:
    """Return the framing of the body; none if it ends with the connection."""
    if status in BODILESS:
        return StatedLength(0)
    if codings := _values(headers, "transfer-encoding"):
        return Chunks() if codings == ["chunked"] else None
    match _values(headers, "content-length"):
        case []:
            return None
        case [length] if length.isascii() and length.isdigit():
            return StatedLength(int(length))
    raise MalformedResponse("the length of the body is malformed")


def _values(headers: list[tuple[str, str]], name: str) -> list[str]:
    return [value.lower() for each, value in headers if each.lower() == name]
