"""Integrity of stored rows: a service seals what it stores with a key outside the database (keyed BLAKE2b).

A program that can write to the database but has no key can neither change a sealed row nor add one unnoticed.
"""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property, lru_cache
from hashlib import blake2b, sha256
from pathlib import Path
from struct import Struct
from uuid import UUID

from shared.domain import UniqueValue
from shared.store import IdempotencyRecord, NewEvent, RecordedEvent, StoreError, UniqueKey
from shared.store.sql import Values

KEY_BYTES = MAC_BYTES = 32
OWNER_ONLY = 0o600
EVENT, RESPONSE, UNIQUE = b"event", b"response", b"unique value"
INBOX_POSITION, PARKED_MESSAGE, TIMER = b"inbox position", b"parked message", b"timer"
KINDS = (EVENT, RESPONSE, UNIQUE, INBOX_POSITION, PARKED_MESSAGE, TIMER)
NOT_PUBLISHED = b""
WHOLE_STORE = UUID(int=0)
"""Stands for all aggregates where one can be suspended: events are missing, so that no state is certain."""


class IntegrityFailure(StoreError):
    """Raised when a stored row was not written by its service, or was changed since; an operator must decide."""

    def __init__(self, reason: str, aggregate: UUID | None = None) -> None:
        super().__init__(reason)
        self.aggregate = aggregate


class IntegrityKey:
    """The key with which a service seals its rows; it lasts as long as the store."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def migrate(self, *, is_new_store: bool) -> None:
        """Create the key of a new store, readable by its owner only. Raises StoreError if an older store lost its."""
        if self._file.exists():
            return
        if not is_new_store:
            raise StoreError(self._missing())
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_name(f"{self._file.name}.{secrets.token_hex(4)}")
        draft.touch(mode=OWNER_ONLY)
        draft.write_text(secrets.token_hex(KEY_BYTES))
        with suppress(FileExistsError):  # another process was first
            os.link(draft, self._file)
        draft.unlink()

    def mac(self, kind: bytes, *parts: bytes) -> bytes:
        """Return the message authentication code over these parts of a row."""
        hashing = self._begun[kind].copy()
        hashing.update(_joined(parts))
        return hashing.digest()

    @cached_property
    def _begun(self) -> Mapping[bytes, blake2b]:
        """Hashes that have taken the key, which is half the work of a short row."""
        return {kind: blake2b(key=self._key, person=kind, digest_size=MAC_BYTES) for kind in KINDS}

    @cached_property
    def _key(self) -> bytes:
        try:
            return bytes.fromhex(self._file.read_text())
        except (OSError, ValueError):
            raise StoreError(self._missing()) from None

    def _missing(self) -> str:
        return f"the integrity key {self._file} is missing or damaged: restore it from the backup of the keys"


class EventSealer:
    """Seals the events of one store, and recognises those that were sealed with its key."""

    def __init__(self, service: str, epoch: str, key: IntegrityKey) -> None:
        self._store, self._key = f"{service}:{epoch}", key

    def mac_of(self, event: NewEvent | RecordedEvent, published_digest: bytes) -> bytes:
        """Return the MAC of an event and of what is published for it.

        Position and recorded time are only known to the database at the commit; the hash chain covers them.
        """
        place = f"{self._store}:{event.version}:{event.type}".encode()
        return self._key.mac(EVENT, place, event.aggregate.bytes, event.state, published_digest)

    def mac_of_response(self, record: IdempotencyRecord, headers: bytes) -> bytes:
        """Return the MAC of a stored response, whose parts may be of any type in a database that was changed."""
        place = (self._store, record.caller, record.key, record.request_digest, str(record.status))
        return self._key.mac(RESPONSE, *(each.encode() for each in place), headers, record.body)

    def mac_of_unique(self, key: UniqueKey, unique: UniqueValue) -> bytes:
        """Return the MAC of a reserved value."""
        return self._key.mac(UNIQUE, *(each.encode() for each in (self._store, *key, unique.value)), unique.owner.bytes)

    def sealed_row(self, kind: bytes, row: Values) -> Values:
        """Return a row with its MAC as the last column."""
        return *row, self._mac_of_row(kind, row)

    def is_sealed_row(self, kind: bytes, stored: Values) -> bool:
        """Return whether this service wrote the row as it is; its columns may be of any type."""
        return bool(self._mac_of_row(kind, stored[:-1]) == stored[-1])

    def _mac_of_row(self, kind: bytes, row: Values) -> bytes:
        columns = (each if isinstance(each, bytes) else str(each).encode() for each in row)
        return self._key.mac(kind, self._store.encode(), *columns)

    def is_sealed(self, recorded: RecordedEvent) -> bool:
        """Return whether this service wrote the event as it is. SQLite stores any type in any column."""
        is_binary = type(recorded.state) is type(recorded.published_digest) is bytes
        return is_binary and self.mac_of(recorded, recorded.published_digest) == recorded.mac


def published_digest(wire_type: str, traceparent: str | None, meta: bytes, data: bytes) -> bytes:
    """Return the SHA-256 of everything that an event publishes."""
    return sha256(_joined((wire_type.encode(), (traceparent or "").encode(), meta, data))).digest()


def published_digest_of(event: NewEvent) -> bytes:
    """Return the digest of what a new event publishes; empty if it publishes nothing."""
    if event.published_data is None or event.published_type is None:
        return NOT_PUBLISHED
    return published_digest(event.published_type, event.traceparent, event.meta, event.published_data)


def _joined(parts: tuple[bytes, ...]) -> bytes:
    """Return the parts as one text that no other parts have."""
    return _lengths(len(parts)).pack(*map(len, parts)) + b"".join(parts)


@lru_cache
def _lengths(count: int) -> Struct:
    return Struct(f">{count}I")
