"""Encryption of personal data with one key per person; destroying the key erases the person (crypto-shredding)."""

import os
from base64 import b64decode, b64encode
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.domain import PersonalData
from shared.store import StoreError
from shared.store.sqlite_connections import ThreadConnections

NONCE_BYTES = 12
CREATE_TABLE = "CREATE TABLE IF NOT EXISTS keys (subject BLOB PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID"


class KeyStore:
    """Store of persons' encryption keys, a database apart from events and backups (AES-256-GCM). Raises StoreError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connections = ThreadConnections(path, "synchronous=FULL", "secure_delete=ON", translate=_store_error)

    def migrate(self) -> None:
        """Create the table; the file is readable by its owner only."""
        self._connections.create()
        self._connections.query(CREATE_TABLE)

    def encrypt(self, subject: UUID, text: str) -> PersonalData:
        """Return the encrypted text. The first field of a person creates the key."""
        key = self._get_key(subject) or self._create_key(subject)
        nonce = os.urandom(NONCE_BYTES)
        cipher = AESGCM(key).encrypt(nonce, text.encode(), subject.bytes)
        return PersonalData(subject, b64encode(nonce + cipher).decode())

    def decrypt(self, subject: UUID, cipher: str) -> str | None:
        """Return the text, or None once the person is erased."""
        if key := self._get_key(subject):
            encrypted = b64decode(cipher)
            with suppress(InvalidTag):
                return AESGCM(key).decrypt(encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:], subject.bytes).decode()
        return None

    def erase(self, subject: UUID) -> None:
        """Destroy the key: what it encrypted can no longer be read, here or in any copy."""
        self._connections.query("DELETE FROM keys WHERE subject=?", (subject.bytes,))

    def _get_key(self, subject: UUID) -> bytes | None:
        rows = self._connections.query("SELECT key FROM keys WHERE subject=?", (subject.bytes,))
        return rows[0][0] if rows else None

    def _create_key(self, subject: UUID) -> bytes:
        fresh = AESGCM.generate_key(256)
        self._connections.query("INSERT OR IGNORE INTO keys VALUES (?, ?)", (subject.bytes, fresh))
        return self._get_key(subject) or fresh


def _store_error(error: Exception) -> StoreError:
    return StoreError(f"the key store is unavailable: {error}")
