"""Ports for what cannot be handed a socket."""

import random
import socket
from collections.abc import Iterator
from itertools import islice

LOOPBACK = "127.0.0.1"
BELOW_THE_SYSTEMS_OWN = range(20_000, 32_768)
"""The system gives the higher ones to outgoing connections, perhaps between choosing and listening."""


def free_ports(count: int) -> list[int]:
    """As many on which nobody listens now, out of thousands, so that two who choose at once hardly meet."""
    return list(islice(_free(), count))


def _free() -> Iterator[int]:
    for port in random.sample(BELOW_THE_SYSTEMS_OWN, len(BELOW_THE_SYSTEMS_OWN)):
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
        yield port
