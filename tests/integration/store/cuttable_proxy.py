"""A proxy between a store and its database that cuts the connection at a chosen moment."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class CuttableProxy:
    """Forwards all bytes until it cuts the connection at a given word."""

    def __init__(self, url: str) -> None:
        there = conninfo_to_dict(url)
        self._server_address = (str(there["host"]), int(there["port"] or 0))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = make_conninfo(url, port=self._listening.getsockname()[1])
        self._word: bytes | None = None
        self._delivered = True
        self._times = 0
        self._meanwhile: Callable[[], None] = lambda: None
        self._until: bytes | None = None
        self._undelivered: list[socket.socket] = []
        self._unnoticed: list[socket.socket] = []
        self._answering: socket.socket | None = None
        self._nears: list[socket.socket] = []
        self._received = threading.Event()
        self.cuts = 0
        self.delivered = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_at(
        self, word: bytes, *, delivered: bool, times: int = 1, on_cut: Callable[[], None] = lambda: None
    ) -> None:
        """Cut when the store next sends this word. `delivered`: the database does it, but its reply is lost.

        `on_cut` is called before the store notices the cut.
        """
        self._word, self._delivered, self._times, self._meanwhile = word, delivered, times, on_cut

    def cut_before(self, word: bytes, until: bytes) -> None:
        """Cut when the store sends `word`; deliver it after the reconnected store has received a reply to `until`."""
        self.cut_at(word, delivered=True)
        self._until = until

    def cut(self) -> None:
        """Cut all connections now, whatever they wait for."""
        _close_sockets(*self._nears)
        self._nears.clear()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                self._nears.append(near)
                far = socket.create_connection(self._server_address)
                threading.Thread(target=self._forward_request, args=(near, far), daemon=True).start()
                threading.Thread(target=self._forward_reply, args=(near, far), daemon=True).start()

    def _forward_request(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while sent := near.recv(65536):
                if self._times and self._word is not None and self._word in sent:
                    self._times -= 1
                    self.cuts += 1
                    self._cut(near, far, sent)
                    return
                if self._until is not None and self._until in sent:
                    self._answering = far
                far.sendall(sent)
        _close_sockets(near, far)

    def _cut(self, near: socket.socket, far: socket.socket, content: bytes) -> None:
        if self._delivered and self._until is None:
            self._undelivered.append(far)
            far.sendall(content)
        elif self._delivered:
            _close_sockets(near)
            self._received.wait()
            with suppress(OSError):
                far.sendall(content)
            self.delivered.set()
        else:
            self._unnoticed.append(near)
            _close_sockets(far)
            self._meanwhile()
            _close_sockets(near)

    def _forward_reply(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while (sent := far.recv(65536)) and far not in self._undelivered:
                is_answer = far is self._answering
                near.sendall(sent)
                if is_answer:
                    self._received.set()
        _close_sockets(far)
        if near not in self._unnoticed:
            _close_sockets(near)


def _close_sockets(*sockets: socket.socket) -> None:
    for each in sockets:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
