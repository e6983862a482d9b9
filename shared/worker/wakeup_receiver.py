"""Wakeup receiver: the worker's end of `shared.worker.wakeup_sender`."""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

MAX_DATAGRAM_BYTES = 16
MAX_DATAGRAMS = 64


class WakeupReceiver:
    """Receives wake-ups on a Unix datagram socket and runs the callback of each signal. The newest worker owns it."""

    def __init__(self, path: Path, callbacks: Mapping[bytes, Callable[[], None]]) -> None:
        self._path, self._callbacks = path, callbacks
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def start_listening(self) -> None:
        """Listen in place of an older worker, which still polls every second."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        self._socket.bind(str(fresh))
        fresh.rename(self._path)
        asyncio.get_running_loop().add_reader(self._socket, self._receive)
        self._inode = self._path.stat().st_ino

    def stop_listening(self) -> None:
        """Stop listening; the socket of a newer worker stays."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        if self._path.exists() and self._path.stat().st_ino == self._inode:
            self._path.unlink()

    def _receive(self) -> None:
        received = set()
        with suppress(BlockingIOError):
            for _ in range(MAX_DATAGRAMS):
                received.add(self._socket.recv(MAX_DATAGRAM_BYTES))
        for each in received & self._callbacks.keys():
            self._callbacks[each]()
