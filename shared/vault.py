"""Personal fields under a key of their own per person. Erasing a person is destroying the key."""

import os
import sqlite3
import threading
from base64 import b64decode, b64encode
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.domain import Personal

NONCE_BYTES = 12


class Vault:
    """The keys, in a database apart from the events and their backups (AES-256-GCM, random nonce per field)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    def _keys(self) -> sqlite3.Connection:
        keys: sqlite3.Connection | None = getattr(self._local, "keys", None)
        if keys is None:
            keys = self._local.keys = sqlite3.connect(self.path, isolation_level=None, timeout=5)
            keys.execute("PRAGMA synchronous=FULL")
            keys.execute("PRAGMA secure_delete=ON")
        return keys

    def migrate(self) -> None:
        """Make the table; readable by the owner only."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._keys().execute(
            "CREATE TABLE IF NOT EXISTS keys (subject BLOB PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID"
        )
        self.path.chmod(0o600)

    def seal(self, subject: UUID, text: str) -> Personal:
        """The text as it may be stored. The person gets a key at the first field."""
        key = self._key(subject) or self._new_key(subject)
        nonce = os.urandom(NONCE_BYTES)
        cipher = AESGCM(key).encrypt(nonce, text.encode(), subject.bytes)
        return Personal(subject, b64encode(nonce + cipher).decode())

    def open(self, subject: UUID, cipher: str) -> str | None:
        """The text again, or None once the person was erased."""
        key = self._key(subject)
        if key is None:
            return None
        sealed = b64decode(cipher)
        try:
            return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], subject.bytes).decode()
        except InvalidTag:
            return None

    def forget(self, subject: UUID) -> None:
        """Destroy the key: nothing sealed under it can be read again, here or in any copy."""
        self._keys().execute("DELETE FROM keys WHERE subject=?", (subject.bytes,))

    def _key(self, subject: UUID) -> bytes | None:
        row = self._keys().execute("SELECT key FROM keys WHERE subject=?", (subject.bytes,)).fetchone()
        return row[0] if row else None

    def _new_key(self, subject: UUID) -> bytes:
        fresh = AESGCM.generate_key(256)
        self._keys().execute("INSERT OR IGNORE INTO keys VALUES (?, ?)", (subject.bytes, fresh))
        return self._key(subject) or fresh
