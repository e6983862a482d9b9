"""Wakeup sender: one Unix datagram to the worker; a loss is harmless (the worker also polls every second)."""

import socket
from contextlib import suppress
from pathlib import Path

EVENTS_COMMITTED, PROJECTION_REQUESTED = b"!", b"?"
"""Events were committed; a request waits for a projection."""


class WakeupSender:
    """Wakes the worker when called: sends its signal to it; never waits and never fails."""

    def __init__(self, path: Path, signal: bytes = EVENTS_COMMITTED) -> None:
        self._path, self._signal = str(path), signal
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def __call__(self) -> None:
        with suppress(OSError):
            self._socket.sendto(self._signal, self._path)

    def __del__(self) -> None:
        self._socket.close()
