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
from shared.store import RecordedEvent
from shared.store.event_store import EventStore
from shared.store.integrity import WHOLE_STORE, IntegrityFailure
from shared.telemetry import log

REFRESH_SECONDS = 1.0
PAGE_SIZE = 1_000
_NO_KEY = UUID(int=0)


class Keyring:
    """Every key ever issued, by id; identifies the caller from a secret."""

    def __init__(self, store: EventStore, admin_secret: str) -> None:
        self._store = store
        self._admin_digest = digest_of(admin_secret)
        self._keys: dict[UUID, AccessKey] = {}
        self._versions: dict[UUID, int] = {}
        self._refused: dict[UUID, str] = {}
        self._position = 0
        self._refreshed_at = float("-inf")
        self._lock = threading.Lock()

    def caller_of(self, secret: str) -> Caller | None:
        """Return the caller with this secret; None if the secret is unknown, expired or revoked.

        Raises IntegrityFailure for a key whose events another program wrote or changed, and for every key while events
        are missing. The administrator's key is configuration and stays valid.
        """
        digest = digest_of(secret)
        if compare_digest(digest, self._admin_digest):
            return Caller(Role.ADMIN, (Role.ADMIN,))
        key = self.valid_key(secret, digest)
        return Caller(key.actor, key.roles) if key else None

    def valid_key(self, secret: str, digest: str | None = None) -> AccessKey | None:
        """Return the issued key with this secret, unless it has expired or was revoked. Raises IntegrityFailure."""
        key_id = key_id_of(secret)
        if key_id is None:
            return None
        self._refresh_if_due()
        self._require_genuine(key_id)
        key = self._keys.get(key_id)
        if key is None or key.digest is None or not compare_digest(digest or digest_of(secret), key.digest):
            return None
        return key if key.is_valid(datetime.now(UTC)) else None

    def was_issued(self, secret: str) -> bool:
        """Return whether the secret is the newest one of a key, which may have expired or been revoked."""
        key = self._keys.get(key_id_of(secret) or _NO_KEY)
        return key is not None and key.digest is not None and compare_digest(digest_of(secret), key.digest)

    def list_keys(self) -> list[AccessKey]:
        """Return every key, the oldest first."""
        self.refresh()
        return list(self._keys.values())

    def get(self, key_id: UUID) -> AccessKey:
        """Return the current key. Raises NotFound."""
        self.refresh()
        self._require_genuine(key_id)
        if key_id not in self._keys:
            raise NotFound("key", key_id)
        return self._keys[key_id]

    def refresh(self) -> None:
        """Apply all new events of keys."""
        with self._lock:
            while events := self._store.log_as_stored(self._position, PAGE_SIZE):
                for event in events:
                    self._apply(event)
                    self._position = event.position
            self._refreshed_at = monotonic()

    def _apply(self, event: RecordedEvent) -> None:
        """Apply an event of a key, unless it or an earlier one of its key is not genuine: then the key is refused."""
        known_version = self._versions.get(event.aggregate, 0)
        self._versions[event.aggregate] = event.version
        if event.position != self._position + 1:
            self._refuse(WHOLE_STORE, f"event {self._position + 1} of the keys is missing")
        if not self._store.is_genuine(event) or event.version != known_version + 1:
            self._refuse(event.aggregate, f"event {event.position} of the keys is forged or changed")
        if event.aggregate not in self._refused and event.type.startswith(f"{AccessKey.NAME}."):
            self._keys[event.aggregate] = apply_event(decode_event(event), self._keys.get(event.aggregate))

    def _refuse(self, key_id: UUID, reason: str) -> None:
        self._refused.setdefault(key_id, reason)
        self._keys.pop(key_id, None)
        log.error("the log of the access keys was changed", reason=reason, key=str(key_id))

    def _require_genuine(self, key_id: UUID) -> None:
        self._store.require_not_suspended(key_id)
        for each in (key_id, WHOLE_STORE):
            if reason := self._refused.get(each):
                raise IntegrityFailure(reason, each)

    def _refresh_if_due(self) -> None:
        if monotonic() - self._refreshed_at >= REFRESH_SECONDS:
            self.refresh()
