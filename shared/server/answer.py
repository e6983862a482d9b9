"""Response to one request, written as WSGI (PEP 3333) asks: a head, then the body of a stated length or in chunks."""

import re
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache
from types import TracebackType

from shared.server.head import NEW_PROTOCOL, Head
from shared.server.output import Output

CHUNKED = "Transfer-Encoding: chunked\r\n"
OF_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade", "date", "server"})
"""Headers that an app does not set."""
LAST_CHUNK = b"0\r\n\r\n"

_LINES = re.compile(r"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+: ?[\t -~\x80-\xff]*\r\n)*")
_LENGTH = re.compile(r"^content-length: *([0-9]+)\r$", re.IGNORECASE | re.MULTILINE)
_BODILESS = ("204", "304")

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


class Answer:
    """Writes a response, without the name of the server."""

    def __init__(self, head: Head, output: Output, *, ends_connection: bool) -> None:
        self._head, self._output = head, output
        self._ends_connection = ends_connection or head.ends_connection
        self._lines = ""
        self._status = ""
        self._is_chunked = self._is_sent = False
        self._left: int | None = None

    def force_close(self) -> None:
        """Close the connection behind this response."""
        self._ends_connection = True

    def should_close(self) -> bool:
        return self._ends_connection

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], object]:
        """Keep status and headers until the first byte of the body; headers of the connection are the server's own.

        Raises ValueError for a header with characters that are not allowed.
        """
        if exc_info is not None and self._is_sent:
            raise exc_info[1].with_traceback(exc_info[2])
        self._status = status
        lines = [f"{name}: {value}\r\n" for name, value in headers if name.lower() not in OF_CONNECTION]
        self._lines = "".join(lines)
        if self._lines.count("\n") != len(lines) or not _LINES.fullmatch(self._lines) or not status.isprintable():
            raise ValueError("a header of the response has characters that are not allowed")
        length = _LENGTH.search(self._lines)
        self._left = int(length[1]) if length else None
        return self.write

    def write(self, data: bytes) -> None:
        """Write a part of the body; nothing beyond its stated length, nor where there is no body."""
        self._send_head()
        if self._has_no_body():
            return
        if self._left is not None:
            data = data[: self._left]
            self._left -= len(data)
        if data and self._is_chunked:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        if data:
            self._output.sendall(data)

    def close(self) -> None:
        """End the response."""
        self._send_head()
        if self._is_chunked:
            self._output.sendall(LAST_CHUNK)
        if self._left and not self._has_no_body():
            self._ends_connection = True  # the client waits for more, which the end of the connection cuts

    def _has_no_body(self) -> bool:
        return self._head.method == "HEAD" or self._status.startswith(_BODILESS)

    def _send_head(self) -> None:
        if self._is_sent:
            return
        self._is_sent = True
        if self._left is None and not self._has_no_body():
            self._is_chunked = self._head.version >= NEW_PROTOCOL
            self._ends_connection = self._ends_connection or not self._is_chunked
        connection = "close" if self._ends_connection else "keep-alive"
        lines = (
            f"{self._head.protocol} {self._status}\r\nDate: {_http_date(int(time.time()))}\r\n"
            f"Connection: {connection}\r\n{CHUNKED if self._is_chunked else ''}{self._lines}\r\n"
        )
        self._output.sendall(lines.encode("latin-1"))


@lru_cache(maxsize=1)
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)
