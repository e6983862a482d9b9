"""Connection of one client: what it has sent, what it is still to receive, and what it is waiting for."""

import time
from enum import Enum, auto
from socket import SHUT_WR, socket
from typing import Any

from shared.server.body import ReceivedBody
from shared.server.head import Head
from shared.server.output import Output

MAX_UNREAD_BYTES = 1 << 16
"""How much of the next requests is received while a response is sent."""


class Phase(Enum):
    """What a connection is waiting for. Only `SERVING` occupies a thread."""

    HEAD = auto()
    SERVING = auto()
    BODY = auto()
    """The body has to arrive: for a moment before the app is asked, or because the app wants it."""
    REST = auto()
    """The app has responded; the rest of the body is discarded before the next request."""
    CLIENT = auto()
    """The client has to take the response, before the next phase."""
    END = auto()
    """The connection closes once the client has closed it, or soon; until then input is discarded."""


class Connection:
    """State of a connection. While it is `SERVING` it belongs to one thread, otherwise to the holder of the lock."""

    def __init__(self, connected: socket, address: Any) -> None:
        connected.setblocking(False)
        self.socket = connected
        self.handle = connected.fileno()
        self.address = address
        self.server = connected.getsockname()
        self.received = bytearray()
        self.output = Output(connected)
        self.phase = Phase.HEAD
        self.next_phase = Phase.HEAD
        self.began_at = self.deadline = time.monotonic()
        self.request: Head | None = None
        self.requests = 0
        self.expects_continue = False
        self.body: ReceivedBody | None = None
        self.has_ended = False
        self.watched = 0
        """The events that are awaited on the socket; none once one has occurred."""

    @property
    def is_idle(self) -> bool:
        return self.phase is Phase.HEAD and not self.received

    @property
    def reads(self) -> bool:
        """Whether received bytes are of use now."""
        if self.has_ended or self.phase is Phase.SERVING:
            return False
        return self.phase is not Phase.CLIENT or len(self.received) < MAX_UNREAD_BYTES

    @property
    def writes(self) -> bool:
        return self.output.pending_bytes > 0

    def feed_body(self) -> None:
        """Give received bytes to the body of the current request. Raises MalformedBody, OSError."""
        if self.received and self.body is not None and not self.body.is_complete:
            self.received = bytearray(self.body.feed(bytes(self.received)))

    def end_output(self) -> None:
        """Let the client see the end of the last response. Raises OSError if it has closed the connection."""
        self.socket.shutdown(SHUT_WR)

    def close(self) -> None:
        if self.body is not None:
            self.body.close()
        self.socket.close()
