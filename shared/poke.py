"""Waking the worker after a commit: one Unix datagram, lost without harm (the worker also looks every second)."""

import socket
from contextlib import suppress
from pathlib import Path


class Poke:
    """Call it after a commit; it never waits and never fails."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def __call__(self) -> None:
        with suppress(OSError):
            self._socket.sendto(b"!", self._path)

    def __del__(self) -> None:
        self._socket.close()
