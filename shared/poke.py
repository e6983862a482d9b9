"""A word to the worker: one Unix datagram, lost without harm (the worker also looks every second)."""

import socket
from contextlib import suppress
from pathlib import Path

COMMITTED, WANTED = b"!", b"?"
"""Something was committed; somebody waits for a report."""


class Poke:
    """Call it, and the worker hears its word; it never waits and never fails."""

    def __init__(self, path: Path, word: bytes = COMMITTED) -> None:
        self._path, self._word = str(path), word
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def __call__(self) -> None:
        with suppress(OSError):
            self._socket.sendto(self._word, self._path)

    def __del__(self) -> None:
        self._socket.close()
