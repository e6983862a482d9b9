"""Being told a word: the other end of `shared.poke`."""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

POKE_BYTES = 16
NEWS_WAITING = 64


class Bell:
    """A Unix datagram socket that calls back what belongs to a word. The newest worker has it."""

    def __init__(self, path: Path, answers: Mapping[bytes, Callable[[], None]]) -> None:
        self._path, self._answers = path, answers
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def hang(self) -> None:
        """Begin to listen, in the place of an older worker if there is one (it still looks every second)."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        self._socket.bind(str(fresh))
        fresh.rename(self._path)
        asyncio.get_running_loop().add_reader(self._socket, self._rung)
        self._place = self._path.stat().st_ino

    def take_down(self) -> None:
        """Listen no longer; a newer worker's bell stays."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        if self._path.exists() and self._path.stat().st_ino == self._place:
            self._path.unlink()

    def _rung(self) -> None:
        heard = set()
        for _ in range(NEWS_WAITING):
            try:
                heard.add(self._socket.recv(POKE_BYTES))
            except BlockingIOError:
                break
        for word in heard & self._answers.keys():
            self._answers[word]()
