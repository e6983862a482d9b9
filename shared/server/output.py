"""Output of a connection: sent as far as the client takes it at once, the rest by the event loop."""

import threading
from collections import deque
from itertools import islice
from socket import socket

HELD_BYTES = 1 << 14
"""Less is held back until `flush`, so that the head and the body of a response leave together."""
MAX_PARTS = 64


class Output:
    """Has the method of a socket that gunicorn writes responses with; it never waits for the client."""

    def __init__(self, connected: socket) -> None:
        self._socket = connected
        self._pending: deque[memoryview] = deque()
        self._lock = threading.Lock()
        self.pending_bytes = 0
        self.sent_bytes = 0

    @property
    def has_begun(self) -> bool:
        """Whether some of the current response has been written."""
        return bool(self.sent_bytes or self.pending_bytes)

    def sendall(self, data: bytes) -> None:
        """Send the data now or later. Raises OSError if the client has closed the connection."""
        with self._lock:
            self._pending.append(memoryview(data))
            self.pending_bytes += len(data)
        if self.pending_bytes >= HELD_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send what the client takes now. Raises OSError."""
        with self._lock:
            while self._pending and self._send():
                pass

    def _send(self) -> bool:
        """Return whether the client took everything it was offered."""
        offered = list(islice(self._pending, MAX_PARTS))
        try:
            sent = self._socket.sendmsg(offered)
        except BlockingIOError:
            return False
        self.sent_bytes += sent
        self.pending_bytes -= sent
        for part in offered:
            if sent < len(part):
                self._pending[0] = part[sent:]
                return False
            sent -= len(part)
            self._pending.popleft()
        return True
