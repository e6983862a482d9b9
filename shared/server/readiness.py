"""Which sockets can be read or written. All threads wait together: the one that sees a request also serves it.

A thread that receives in place of others would have to wake another one for each request, which costs as much as a
small request does.
"""

import os
import select
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from typing import Protocol

AT_ONCE = 64

Handler = Callable[[int], None]
"""Called with the events of a socket, of `EVENT_READ` and `EVENT_WRITE`."""
Events = Sequence[tuple[Handler, int]]


class Readiness(Protocol):
    """Reports each event of a socket to one caller, and then no other one until the socket is watched again."""

    @property
    def is_left_to_threads(self) -> bool:
        """Whether `wait` also returns the events of sockets, so that no other thread has to ask for them."""

    def fileno(self) -> int:
        """Return a handle that can be read while there are events."""

    def watch(self, handle: int, wanted: int, handler: Handler) -> None:
        """Report the next of the wanted events; none if 0."""

    def forget(self, handle: int) -> None:
        """Report nothing more about a socket, which is then closed."""

    def wait(self) -> Events:
        """Wait in a thread for an event or for `wake`."""

    def take_events(self) -> Events:
        """Return the present events without waiting."""

    def wake(self) -> None:
        """Let one thread return from `wait`."""


def create_readiness() -> Readiness:
    """Return the readiness for this system."""
    return EpollReadiness() if hasattr(select, "epoll") else SelectorReadiness()


class EpollReadiness:
    """Linux: the kernel gives each event to one of the waiting threads."""

    is_left_to_threads = True

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._handlers: dict[int, Handler] = {}
        self._wakeups = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_SEMAPHORE)
        self._watch_wakeups(0)

    def fileno(self) -> int:
        return self._epoll.fileno()

    def watch(self, handle: int, wanted: int, handler: Handler) -> None:
        bits = select.EPOLLONESHOT
        bits |= select.EPOLLIN if wanted & EVENT_READ else 0
        bits |= select.EPOLLOUT if wanted & EVENT_WRITE else 0
        change = self._epoll.modify if handle in self._handlers else self._epoll.register
        self._handlers[handle] = handler
        change(handle, bits if wanted else 0)

    def forget(self, handle: int) -> None:
        if self._handlers.pop(handle, None):
            self._epoll.unregister(handle)

    def wait(self) -> Events:
        return self._events(-1, 1)

    def take_events(self) -> Events:
        return self._events(0, AT_ONCE)

    def wake(self) -> None:
        os.eventfd_write(self._wakeups, 1)

    def _events(self, seconds: float, at_most: int) -> Events:
        found = [(self._handlers.get(handle), bits) for handle, bits in self._epoll.poll(seconds, at_most)]
        return [(handler, _events_of(bits)) for handler, bits in found if handler]

    def _watch_wakeups(self, _events: int) -> None:
        with suppress(BlockingIOError):  # at the start
            os.eventfd_read(self._wakeups)
        self.watch(self._wakeups, EVENT_READ, self._watch_wakeups)


def _events_of(bits: int) -> int:
    """Return the events; an error or the end of a connection is both, since reading and writing notices it."""
    reads, writes = bits & ~select.EPOLLOUT, bits & ~select.EPOLLIN
    return (EVENT_READ if reads else 0) | (EVENT_WRITE if writes else 0)


class SelectorReadiness:
    """Other systems: one thread asks for the events, the others wait until it wakes them."""

    is_left_to_threads = False

    def __init__(self) -> None:
        self._selector = DefaultSelector()
        self._wakeups: SimpleQueue[None] = SimpleQueue()

    def fileno(self) -> int:
        handle: int = self._selector.fileno()
        return handle

    def watch(self, handle: int, wanted: int, handler: Handler) -> None:
        self.forget(handle)
        if wanted:
            self._selector.register(handle, wanted, handler)

    def forget(self, handle: int) -> None:
        if handle in self._selector.get_map():
            self._selector.unregister(handle)

    def wait(self) -> Events:
        self._wakeups.get()
        return ()

    def take_events(self) -> Events:
        events = [(key.fd, key.data, mask) for key, mask in self._selector.select(0)]
        for handle, _, _ in events:
            self.forget(handle)
        return [(handler, mask) for _, handler, mask in events]

    def wake(self) -> None:
        self._wakeups.put(None)
