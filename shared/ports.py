"""Free ports for programs that cannot take over an open socket."""

import random
import socket
from collections.abc import Iterator
from itertools import islice

LOOPBACK = "127.0.0.1"
NON_EPHEMERAL_PORTS = range(20_000, 32_768)
"""Below the ports that the system may give to outgoing connections before the program listens."""


def free_ports(count: int) -> list[int]:
    """Return free ports, chosen at random so that concurrent callers rarely get the same ones."""
    return list(islice(_iterate_free_ports(), count))


def _iterate_free_ports() -> Iterator[int]:
    for port in random.sample(NON_EPHEMERAL_PORTS, len(NON_EPHEMERAL_PORTS)):
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
        yield port
