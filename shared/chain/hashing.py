"""Encoding of stored events for hash chain and Merkle tree: covers every column of the log."""

from hashlib import sha256
from struct import Struct

from shared.store import RecordedEvent
from shared.store.sql import to_micros

_ENTRY_HEADER = Struct(">Q16sIqH")


def encode_entry(recorded: RecordedEvent) -> bytes:
    """Return an event as bytes to be hashed.

    These are position, aggregate, version, time in µs, type, and the SHA-256 of its state and of what it publishes.
    """
    kind = recorded.type.encode()
    at = to_micros(recorded.recorded_at)
    place = _ENTRY_HEADER.pack(recorded.position, recorded.aggregate.bytes, recorded.version, at, len(kind))
    return place + kind + sha256(recorded.state).digest() + recorded.published_digest


def initial_hash(service: str, epoch: str) -> bytes:
    """Return the hash to which the first event is chained: unique for each log."""
    return sha256(f"{service}:{epoch}".encode()).digest()


def chain_hash(previous: bytes, entry_bytes: bytes) -> bytes:
    """Return the hash of an event that follows the one with the hash `previous`."""
    return sha256(previous + entry_bytes).digest()
