"""Body of a request, received by the event loop and read by the app as `wsgi.input`."""

from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO

from shared.http_framing import Framing, StatedLength

MEMORY_BYTES = 1 << 20
"""A larger body is kept in a temporary file."""
UNASKED_BYTES = 1 << 16
"""How much of a body is received before the app wants to read it: an app refuses many requests by their head."""


class BodyAwaited(BaseException):
    """Raised through an app that reads a body which has not arrived; the request is served again once it has.

    An app therefore reads the body before it has any effect. Not an Exception, so that no error handler catches it.
    """


class ReceivedBody:
    """Body as it arrives. Either the event loop feeds it or a thread reads it, never both at a time."""

    def __init__(self, framing: Framing) -> None:
        self.received_bytes = 0
        self.is_wanted = False
        self._framing = framing
        self._wanted = UNASKED_BYTES
        self._read_bytes = 0
        is_small = isinstance(framing, StatedLength) and framing.left <= MEMORY_BYTES
        self._content: IO[bytes] = BytesIO() if is_small else SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 (by `close`)

    @property
    def is_complete(self) -> bool:
        return self._framing.is_complete

    @property
    def suffices(self) -> bool:
        """Whether so much has arrived as the app wants to read, or may be received before it was asked."""
        return self.is_complete or (self._wanted >= 0 and self.received_bytes >= self._wanted)

    @property
    def bytes_to_come(self) -> float:
        """How much of the body has not arrived; infinite if unknown."""
        return self._framing.left if isinstance(self._framing, StatedLength) else float("inf")

    def feed(self, data: bytes) -> bytes:
        """Add received bytes; return those of the next request. Raises MalformedBody, OSError without disk space."""
        content, rest = self._framing.decode(data)
        self._content.seek(0, 2)
        self._content.write(content)
        self.received_bytes += len(content)
        return rest

    def rewind(self) -> None:
        """Let the next app read from the start."""
        self._read_bytes = 0

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, fewer only at the end of the body. Raises BodyAwaited."""
        self.require(size)
        self._content.seek(self._read_bytes)
        data = self._content.read(size)
        self._read_bytes += len(data)
        return data

    def require(self, size: int) -> None:
        """Require the next `size` bytes, all if negative, or the end of the body. Raises BodyAwaited."""
        self._wanted = self._read_bytes + size if size >= 0 else -1
        if not self.suffices:
            self.is_wanted = True
            raise BodyAwaited

    def close(self) -> None:
        self._content.close()
