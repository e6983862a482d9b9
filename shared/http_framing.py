"""Framing of HTTP bodies (RFC 9112, section 6): a stated length, or chunks; decoded as the bytes arrive."""

import re
from typing import Protocol

MAX_LINE_BYTES = 4_096
MAX_TRAILER_BYTES = 8_192

_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?")
_TRAILER = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*")


class MalformedBody(Exception):
    """Raised when the chunks of a body are not well-formed."""


class Framing(Protocol):
    """Separates the content of a body from its framing and from what follows it."""

    @property
    def is_complete(self) -> bool:
        """Whether the body has ended."""

    def decode(self, data: bytes) -> tuple[bytes, bytes]:
        """Return the content in the next bytes, and the bytes behind the end of the body. Raises MalformedBody."""


class StatedLength:
    """A body with a Content-Length; of 0 bytes if there is none."""

    def __init__(self, length: int) -> None:
        self.left = length

    @property
    def is_complete(self) -> bool:
        return self.left == 0

    def decode(self, data: bytes) -> tuple[bytes, bytes]:
        content = data[: self.left]
        self.left -= len(content)
        return content, data[len(content) :]


class Chunks:
    """A body with `Transfer-Encoding: chunked`. Extensions and trailers are read and ignored."""

    def __init__(self) -> None:
        self.is_complete = False
        self._left = 0
        self._partial_line = b""
        self._read_line = self._read_size
        self._trailer_bytes = 0

    def decode(self, data: bytes) -> tuple[bytes, bytes]:
        data, at, content = self._partial_line + data, 0, []
        self._partial_line = b""
        while not self.is_complete:
            if self._left:
                piece = data[at : at + self._left]
                content.append(piece)
                at += len(piece)
                self._left -= len(piece)
            end = data.find(b"\r\n", at)
            if self._left or end < 0:
                self._keep_partial_line(data[at:])
                return b"".join(content), b""
            self._read_line(data[at:end])
            at = end + 2
        return b"".join(content), data[at:]

    def _keep_partial_line(self, line: bytes) -> None:
        if len(line) > MAX_LINE_BYTES or (self._read_line == self._read_end and line not in (b"", b"\r")):
            raise MalformedBody
        self._partial_line = line

    def _read_size(self, line: bytes) -> None:
        size = _CHUNK_SIZE.fullmatch(line)
        if not size:
            raise MalformedBody
        self._left = int(size[1], 16)
        self._read_line = self._read_end if self._left else self._read_trailer

    def _read_end(self, line: bytes) -> None:
        """Read the line end behind the content of a chunk."""
        if line:
            raise MalformedBody
        self._read_line = self._read_size

    def _read_trailer(self, line: bytes) -> None:
        self._trailer_bytes += len(line)
        if self._trailer_bytes > MAX_TRAILER_BYTES or (line and not _TRAILER.fullmatch(line)):
            raise MalformedBody
        self.is_complete = not line
