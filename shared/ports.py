"""Free ports for programs that cannot take over an open socket."""

import random
import socket
from contextlib import suppress
from itertools import islice

LOOPBACK = "127.0.0.1"
NON_EPHEMERAL_PORTS = range(20_000, 32_768)
"""Below the ports that the system may give to outgoing connections before the program listens."""


def free_ports(count: int) -> list[int]:
    """Return free ports, chosen at random so that concurrent callers rarely get the same ones."""
    candidates = random.sample(NON_EPHEMERAL_PORTS, len(NON_EPHEMERAL_PORTS))
    return list(islice(filter(_is_free, candidates), count))


def _is_free(port: int) -> bool:
    with suppress(OSError), socket.socket() as probe:
        probe.bind((LOOPBACK, port))
        return True
    return False
