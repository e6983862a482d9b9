"""Which bytes stand for a stored event, in the chain and in the tree: every column of the log is in them."""

from hashlib import sha256
from struct import Struct

from shared.store import Recorded
from shared.store.sql import to_micros

_PLACE = Struct(">Q16sIqH")


def entry(recorded: Recorded) -> bytes:
    """Position, aggregate, version, recorded time in microseconds, length of the type, type, SHA-256 of the state."""
    kind = recorded.type.encode()
    at = to_micros(recorded.recorded_at)
    place = _PLACE.pack(recorded.position, recorded.aggregate.bytes, recorded.version, at, len(kind))
    return place + kind + sha256(recorded.state).digest()


def beginning(service: str, epoch: str) -> bytes:
    """What the first event is chained to: no log can stand for another."""
    return sha256(f"{service}:{epoch}".encode()).digest()


def link(before: bytes, entered: bytes) -> bytes:
    """The hash of an event that comes after the one with the hash `before`."""
    return sha256(before + entered).digest()
