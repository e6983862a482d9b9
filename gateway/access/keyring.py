"""The keys as they stand now, folded from the log in this process: a few hundred at most, read on every request.

The gateway has no worker and needs no read model in a database: it looks for news once a second, and at
once after its own commands, so a revoked key is refused within a second by every gateway process.
"""

import threading
from datetime import UTC, datetime
from hmac import compare_digest
from time import monotonic
from uuid import UUID

from gateway.access.access_key import AccessKey
from gateway.access.roles import ADMIN
from gateway.access.secrets import digest_of, key_named_in
from shared.domain import NotFound
from shared.events import apply, decode_event
from shared.service import Caller
from shared.store import Store

LOOK_AGAIN_SECONDS = 1.0
PAGE = 1_000


class Keyring:
    """Every key ever issued, by id, and who a secret belongs to."""

    def __init__(self, store: Store, admin_secret: str) -> None:
        self._store = store
        self._admin_digest = digest_of(admin_secret)
        self._keys: dict[UUID, AccessKey] = {}
        self._position = 0
        self._looked_at = float("-inf")
        self._lock = threading.Lock()

    def caller(self, secret: str) -> Caller | None:
        """Who shows this secret, as of now; None if it opens nothing."""
        digest = digest_of(secret)
        if compare_digest(digest, self._admin_digest):
            return Caller(ADMIN, (ADMIN,))
        key_id = key_named_in(secret)
        if key_id is None:
            return None
        self._look_again()
        key = self._keys.get(key_id)
        if key is None or not compare_digest(digest, key.digest) or not key.opens(datetime.now(UTC)):
            return None
        return Caller(key.actor, key.roles)

    def all(self) -> list[AccessKey]:
        """Every key, the oldest first."""
        self.refresh()
        return list(self._keys.values())

    def one(self, key_id: UUID) -> AccessKey:
        """Raises NotFound."""
        self.refresh()
        if key_id not in self._keys:
            raise NotFound("key", key_id)
        return self._keys[key_id]

    def refresh(self) -> None:
        """Take in everything that happened to keys until now."""
        with self._lock:
            while news := self._store.log(self._position, PAGE):
                for each in news:
                    self._keys[each.aggregate] = apply(decode_event(each), self._keys.get(each.aggregate))
                self._position = news[-1].position
            self._looked_at = monotonic()

    def _look_again(self) -> None:
        if monotonic() - self._looked_at >= LOOK_AGAIN_SECONDS:
            self.refresh()
