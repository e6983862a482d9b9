"""The open connections of one process: what the event loop waits for on each, and how many there may be."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE

from shared.server.connection import Connection, Phase
from shared.server.limits import ServerLimits, raise_handle_limit
from shared.server.readiness import Readiness

MAX_PENDING_BYTES = 64 << 20
"""How much output of all connections may wait for slow clients."""


class OpenConnections:
    """The connections by handle, and what is awaited on each; `on_event` is called for each event."""

    def __init__(self, limits: ServerLimits, readiness: Readiness, on_event: Callable[[Connection, int], None]) -> None:
        self._limits, self._readiness, self._on_event = limits, readiness, on_event
        self._by_handle: dict[int, Connection] = {}
        self._per_address: Counter[str] = Counter()
        self._max_connections = raise_handle_limit(limits.connections)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._by_handle.values()))

    def __len__(self) -> int:
        return len(self._by_handle)

    def __contains__(self, connection: Connection) -> bool:
        return self._by_handle.get(connection.handle) is connection

    def add(self, connection: Connection) -> bool:
        """Wait for what a new connection sends; return whether its address may have one more."""
        if len(self) >= self._max_connections:
            self.close_longest_idle()
        self._by_handle[connection.handle] = connection
        self._watch(connection, EVENT_READ)
        address = _host_of(connection)
        is_allowed = not address or self._limits.allows(address, self._per_address[address])
        self._per_address[address] += 1
        return is_allowed

    def watch(self, connection: Connection) -> None:
        """Wait for what the connection needs next: to be read, to be written, both or nothing."""
        if connection not in self:
            return
        wanted = (EVENT_READ if connection.reads else 0) | (EVENT_WRITE if connection.writes else 0)
        if wanted != connection.watched:
            self._watch(connection, wanted)

    def _watch(self, connection: Connection, wanted: int) -> None:
        self._readiness.watch(connection.handle, wanted, partial(self._on_event, connection))
        connection.watched = wanted

    def close(self, connection: Connection) -> None:
        """Close a connection, once."""
        if self._by_handle.pop(connection.handle, None) is None:
            return
        self._readiness.forget(connection.handle)
        address = _host_of(connection)
        self._per_address[address] -= 1
        if not self._per_address[address]:
            del self._per_address[address]
        connection.close()

    def close_longest_idle(self) -> None:
        """Make room: close the connection that has waited longest, first of those that never sent a request."""
        waiting = [each for each in self if each.phase in (Phase.HEAD, Phase.END)]
        if waiting:
            self.close(min(waiting, key=lambda each: (each.requests > 0, each.deadline)))

    def bound_pending_output(self) -> None:
        """Close the connection that has taken its response for longest if all together have too much pending."""
        pending = [each for each in self if each.phase is Phase.CLIENT]
        if sum(each.output.pending_bytes for each in pending) > MAX_PENDING_BYTES:
            self.close(min(pending, key=lambda each: each.began_at))


def _host_of(connection: Connection) -> str:
    """Return the client's address; empty for a Unix socket."""
    return connection.address[0] if isinstance(connection.address, tuple) else ""
