"""The current keys, rebuilt from the event log in memory: a few hundred at most, read on every request.

The gateway has no worker and needs no read model in a database: it reads new events once a second, and at
once after its own commands, so every gateway process refuses a revoked key within a second.
"""

import threading
from datetime import UTC, datetime
from hmac import compare_digest
from time import monotonic
from uuid import UUID

from gateway.access.access_key import AccessKey
from gateway.access.roles import Role
from gateway.access.secrets import digest_of, key_id_of
from shared.command_context import Caller
from shared.domain import NotFound
from shared.event_codec import apply_event, decode_event
from shared.store.event_store import EventStore

REFRESH_SECONDS = 1.0
PAGE_SIZE = 1_000
_NO_KEY = UUID(int=0)


class Keyring:
    """Every key ever issued, by id; identifies the caller from a secret."""

    def __init__(self, store: EventStore, admin_secret: str) -> None:
        self._store = store
        self._admin_digest = digest_of(admin_secret)
        self._keys: dict[UUID, AccessKey] = {}
        self._position = 0
        self._refreshed_at = float("-inf")
        self._lock = threading.Lock()

    def caller_of(self, secret: str) -> Caller | None:
        """Return the caller with this secret; None if the secret is unknown, expired or revoked."""
        digest = digest_of(secret)
        if compare_digest(digest, self._admin_digest):
            return Caller(Role.ADMIN, (Role.ADMIN,))
        key_id = key_id_of(secret)
        if key_id is None:
            return None
        self._refresh_if_due()
        key = self._keys.get(key_id)
        if key is None or not compare_digest(digest, key.digest) or not key.is_valid(datetime.now(UTC)):
            return None
        return Caller(key.actor, key.roles)

    def was_issued(self, secret: str) -> bool:
        """Return whether the secret is the newest one of a key, which may have expired or been revoked."""
        key = self._keys.get(key_id_of(secret) or _NO_KEY)
        return key is not None and compare_digest(digest_of(secret), key.digest)

    def list_keys(self) -> list[AccessKey]:
        """Return every key, the oldest first."""
        self.refresh()
        return list(self._keys.values())

    def get(self, key_id: UUID) -> AccessKey:
        """Return the current key. Raises NotFound."""
        self.refresh()
        if key_id not in self._keys:
            raise NotFound("key", key_id)
        return self._keys[key_id]

    def refresh(self) -> None:
        """Apply all new events of keys."""
        with self._lock:
            while events := self._store.log(self._position, PAGE_SIZE):
                for event in events:
                    self._keys[event.aggregate] = apply_event(decode_event(event), self._keys.get(event.aggregate))
                self._position = events[-1].position
            self._refreshed_at = monotonic()

    def _refresh_if_due(self) -> None:
        if monotonic() - self._refreshed_at >= REFRESH_SECONDS:
            self.refresh()
