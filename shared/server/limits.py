"""Limits of the HTTP server on what one connection, one client address and all clients together may take."""

import resource
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network

from shared.config import Network

RESERVED_HANDLES = 256
"""File handles kept for databases, logs, spooled bodies and calls to other processes."""


LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Deadlines in seconds and numbers of connections.

    A head must be complete `head_seconds` after its first byte, or after the connection was opened. A body must be
    complete `body_seconds` after its head, unless it arrives with `body_bytes_per_second`; likewise a response must be
    taken. Addresses in `shared_networks` have no limit of their own, because many clients share them: those of this
    machine, and reverse proxies.
    """

    head_seconds: float = 5.0
    body_seconds: float = 30.0
    idle_seconds: float = 75.0
    linger_seconds: float = 2.0
    body_bytes_per_second: int = 1024
    connections: int = 4_000
    connections_per_address: int = 100
    shared_networks: tuple[Network, ...] = LOOPBACK

    def allows(self, address: str, open_connections: int) -> bool:
        """Return whether this address may open one more connection."""
        return open_connections < self.connections_per_address or is_in_networks(address, self.shared_networks)

    def transfer_seconds(self, transferred_bytes: int) -> float:
        """Return the seconds that a body or a response may have taken after so many bytes."""
        return max(self.body_seconds, transferred_bytes / self.body_bytes_per_second)


@lru_cache(maxsize=1024)
def is_in_networks(address: str, networks: tuple[Network, ...]) -> bool:
    """Return whether one of the networks contains the address, or the network that is written as one.

    A client without an address is on this machine: it uses a Unix socket.
    """
    if not address:
        return True
    parsed = ip_address(address.partition("/")[0])
    return any(parsed in each for each in networks)


def raise_handle_limit(connections: int) -> int:
    """Allow this process as many open files as the system permits; return how many connections that leaves."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + RESERVED_HANDLES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return connections if soft == resource.RLIM_INFINITY else max(1, min(connections, soft - RESERVED_HANDLES))
